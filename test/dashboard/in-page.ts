/** What runs inside the page, before anything else of it: looked at by the types of a browser, and handed over as text. */
{
  const counts = { underWay: 0 }
  const real = globalThis.fetch
  globalThis.fetch = async (...asked) => {
    counts.underWay += 1
    try {
      return await real(...asked)
    } finally {
      counts.underWay -= 1
    }
  }

  const isMoving = (): boolean => document.getAnimations().some((animation) => animation instanceof CSSTransition && animation.playState === 'running')
  const isBusy = (): boolean => counts.underWay > 0 || isMoving() || document.querySelector('[aria-busy="true"]') !== null || document.querySelector('h1, [data-state]') === null

  /** Until what is there already is drawn as it is to be: nothing is asked for by another width or other colours, but a chart that is told its new width draws a frame later. */
  const drawn = async (withinMs: number, colours = document.documentElement.dataset['mantineColorScheme']): Promise<void> => {
    const endMs = performance.now() + withinMs
    for (let frames = 0; frames < 3 || isBusy() || document.documentElement.dataset['mantineColorScheme'] !== colours; frames += 1) {
      if (performance.now() > endMs) throw new Error(`${location.pathname} still moves`)
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)))
    }
  }

  /** Until everything that was asked for has been there for some looks in a row. */
  const settled = async (withinMs: number): Promise<void> => {
    const endMs = performance.now() + withinMs
    for (let quiet = 0; quiet < 4; quiet = isBusy() ? 0 : quiet + 1) {
      if (performance.now() > endMs) throw new Error(`${location.pathname} is not settled: ${counts.underWay} requests are under way, ${document.querySelector('[aria-busy="true"]')?.outerHTML.slice(0, 200) ?? ''}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  const isInFrame = (element: Element): boolean => {
    for (let at = element.parentElement; at !== null && at !== document.body; at = at.parentElement) if (/auto|scroll|hidden|clip/.test(getComputedStyle(at).overflowX)) return true
    return false
  }

  /** Whether one has to scroll sideways, and what is to blame. */
  const overflow = (): string => {
    const width = document.documentElement.clientWidth
    const scrollWidth = document.scrollingElement?.scrollWidth ?? 0
    if (scrollWidth <= width) return ''
    const wide = [...document.body.querySelectorAll('*')].filter((element) => element.getBoundingClientRect().right > width + 1 && element.getBoundingClientRect().width > 0 && !isInFrame(element))
    return `${scrollWidth} wide at ${width}: ${wide.slice(-4).map((element) => `<${element.tagName.toLowerCase()} class="${(element.getAttribute('class') ?? '').slice(0, 60)}"> ${(element.textContent ?? '').slice(0, 40)}`).join(' | ')}`
  }

  const spoken = ['aria-label', 'title', 'placeholder']
  const facts = () => ({
    headings: document.querySelectorAll('h1').length,
    title: document.title,
    lang: document.documentElement.lang,
    texts: [document.body.innerText, ...[...document.querySelectorAll(spoken.map((name) => `[${name}]`).join())].flatMap((element) => spoken.flatMap((name) => element.getAttribute(name) ?? []))],
  })

  /** Three words in a row in Latin letters, of which the names of products have no small ones. */
  const english = /[A-Za-z’']+,? [a-z’']+,? [a-z’']+/
  const isEnglish = (text: string): boolean => english.test(text.replaceAll(/npx tocsin \S+/g, ''))
  /** What people and agents wrote, code, and what stands in the pages of others under that name. */
  const theirs = 'bdi, code, em, pre, textarea, [translate=no], iframe, noscript, script, style'

  /** What is left in English where another language is spoken: of the text that is shown, and of what is said of elements. */
  const inEnglish = (): readonly string[] => {
    const found: string[] = []
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) if (node.parentElement?.closest(theirs) === null && isEnglish(node.textContent ?? '')) found.push(node.textContent ?? '')
    for (const element of document.querySelectorAll(spoken.map((name) => `[${name}]`).join())) {
      // What names a thing may have the words of its author in it.
      for (const text of spoken.flatMap((name) => element.getAttribute(name) ?? [])) if (element.closest(theirs) === null && isEnglish(text) && !/[\u4E00-\u9FFF]/.test(text)) found.push(text)
    }
    return found
  }

  /** What has the focus, by its role and its name. */
  const focused = () => {
    const element = document.activeElement
    if (element === null || element === document.body) return { role: '', name: '', value: '' }
    const named = (ids: string | null): string => (ids ?? '').split(/\s+/).map((id) => (id === '' ? '' : (document.getElementById(id)?.textContent ?? ''))).join(' ').trim()
    const labels = element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement ? [...(element.labels ?? [])].map((label) => label.textContent).join(' ') : ''
    const implied = { A: 'link', BUTTON: 'button', SELECT: 'combobox', TEXTAREA: 'textbox', SUMMARY: 'button' }[element.tagName] ?? (element instanceof HTMLInputElement ? ({ checkbox: 'checkbox', radio: 'radio', range: 'slider', number: 'textbox' }[element.type] ?? 'textbox') : '')
    const name = named(element.getAttribute('aria-labelledby')) || element.getAttribute('aria-label') || labels || (element instanceof HTMLInputElement ? element.placeholder : element.textContent) || ''
    return { role: element.getAttribute('role') ?? implied, name: name.replaceAll(/\s+/g, ' ').trim(), value: element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement ? element.value : '' }
  }

  Object.assign(globalThis, { tocsinTest: { settled, drawn, overflow, facts, inEnglish, focused } })
}
