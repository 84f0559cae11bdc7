import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactElement, type ReactNode } from 'react'
import { keep, kept } from '../app/kept'
import type { Word } from '../words/catalogues'

/** One act that a key does. The same key does the same act on every page; none deletes or resends. */
export interface KeyAct {
  /** `a`, `?`, `mod+k` (Ctrl or ⌘), or a sequence: `g o`. */
  readonly keys: string
  /** What it does, for the help and the palette. */
  readonly word: Word
  readonly run: () => void
  /** Why it does nothing right now, as a sentence; it is shown and not hidden. */
  readonly reason?: string | undefined
  /** Where it stands in the help. @default 'page' */
  readonly group?: 'go' | 'list' | 'alert' | 'page'
}

interface Registry {
  /** All that are known now; of two with the same keys the newer holds. */
  readonly acts: readonly KeyAct[]
  /** Off: only keys with Ctrl or ⌘ do something (WCAG 2.1.4). */
  readonly isOn: boolean
  readonly turn: (isOn: boolean) => void
  readonly add: (acts: readonly KeyAct[]) => () => void
}

const context = createContext<Registry | undefined>(undefined)

/** How long the second key of a sequence is waited for, milliseconds. */
const sequenceMs = 1_200

/** The one place that listens to keys. */
export function Keys({ children }: { readonly children: ReactNode }): ReactElement {
  const [isOn, setIsOn] = useState(() => kept('keys') !== 'off')
  const [sets, setSets] = useState<readonly (readonly KeyAct[])[]>([])
  const acts = useMemo(() => [...new Map(sets.flat().map((act) => [act.keys, act])).values()], [sets])
  const latest = useRef({ acts, isOn })
  latest.current = { acts, isOn }

  useEffect(() => {
    let before = ''
    let timer: ReturnType<typeof setTimeout> | undefined
    const pressed = (event: KeyboardEvent): void => {
      // Somebody who composes a Chinese word presses keys that are none.
      if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return
      const name = nameOf(event)
      if (name === undefined) return
      const known = latest.current
      if (!name.includes('mod+') && (!known.isOn || isTyping(event.target) || hasOwnKeys(event.target))) return
      const sequence = before === '' ? name : `${before} ${name}`
      clearTimeout(timer)
      before = ''
      const act = known.acts.find(({ keys }) => keys === sequence) ?? known.acts.find(({ keys }) => keys === name)
      if (act !== undefined) {
        event.preventDefault()
        if (act.reason === undefined) act.run()
        return
      }
      if (known.acts.some(({ keys }) => keys.startsWith(`${name} `))) {
        before = name
        timer = setTimeout(() => (before = ''), sequenceMs)
      }
    }
    document.addEventListener('keydown', pressed)
    return () => {
      clearTimeout(timer)
      document.removeEventListener('keydown', pressed)
    }
  }, [])

  // The same for as long as the page lives: who adds keys does it once, and not whenever others do.
  const add = useCallback((added: readonly KeyAct[]) => {
    setSets((known) => [...known, added])
    return () => setSets((known) => known.filter((one) => one !== added))
  }, [])
  const registry = useMemo<Registry>(
    () => ({
      acts,
      isOn,
      turn(on) {
        keep('keys', on ? 'on' : 'off')
        setIsOn(on)
      },
      add,
    }),
    [acts, isOn, add],
  )
  return <context.Provider value={registry}>{children}</context.Provider>
}

export function useRegistry(): Registry {
  const registry = useContext(context)
  if (registry === undefined) throw new Error('expected to be inside <Keys>')
  return registry
}

/**
 * Makes these keys do these acts while the part is shown.
 *
 * @example useKeys([{ keys: 'a', word: 'keys.acknowledge', group: 'alert', run: acknowledge, reason }])
 */
export function useKeys(acts: readonly KeyAct[]): void {
  const { add } = useRegistry()
  const latest = useRef(acts)
  latest.current = acts
  // What they do may change at each drawing; which there are, and whether they do it, seldom.
  const shape = JSON.stringify(acts.map(({ keys, word, reason, group }) => [keys, word, reason, group]))
  useEffect(
    () => add(latest.current.map((act, index) => ({ ...act, run: () => latest.current[index]?.run() }))),
    [add, shape],
  )
}

/** For `aria-keyshortcuts`: `Control+K`, `g o`. */
export function ariaKeys(keys: string): string {
  return keys.replace('mod+', 'Control+')
}

function nameOf({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): string | undefined {
  if (altKey || key === 'Control' || key === 'Meta' || key === 'Shift') return undefined
  if (ctrlKey || metaKey) return `mod+${key.toLowerCase()}`
  return key.length === 1 ? key : key === 'Escape' ? 'Esc' : key
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || target.matches('input:not([type=checkbox]):not([type=radio]):not([type=button]), textarea, select, [role=combobox], [role=listbox] *, [role=slider]')
}

/** What lies over the page has keys of its own, from the moment it is there and not only when it has the focus. */
function hasOwnKeys(target: EventTarget | null): boolean {
  return document.querySelector('[role=dialog][aria-modal=true]') !== null || (target instanceof Element && target.closest('[role=dialog]') !== null)
}
