import { createHash } from 'node:crypto'
import type { ActionPage } from 'tocsin/engine'

/** Small enough to stand in the page: nothing is loaded from anywhere, and no script runs. */
const style = `
:root{color-scheme:light dark;--ink:#1b1f24;--quiet:#57606a;--ground:#fff;--line:#d0d7de;--act:#0b5cad;--act-ink:#fff}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--quiet:#9da7b1;--ground:#0d1117;--line:#30363d;--act:#56b4e9;--act-ink:#06121c}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif;display:grid;min-height:100vh;place-items:center}
main{width:min(34rem,100%);padding:2rem 1.25rem}
h1{font-size:1.35rem;line-height:1.3;margin:0 0 1rem;overflow-wrap:anywhere}
ul{padding-left:1.2rem;margin:0 0 1rem}
li{overflow-wrap:anywhere}
p{color:var(--quiet);margin:.4rem 0}
form{display:flex;flex-wrap:wrap;gap:.6rem;margin:1.4rem 0}
button{font:inherit;padding:.7rem 1.1rem;border-radius:.5rem;border:1px solid var(--line);background:transparent;color:inherit;cursor:pointer;min-height:44px}
button.first{background:var(--act);border-color:var(--act);color:var(--act-ink);flex:1 1 100%;font-weight:600}
:focus-visible{outline:3px solid var(--act);outline-offset:2px}
a{color:var(--act)}
`

/** For the header `content-security-policy`. */
export const actionPagePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`

/** What is about to be done, and buttons that do it. Opening it changes nothing. */
export function actionPageHtml(page: ActionPage, wanted: string | undefined): string {
  const { heading, alerts, moreAlerts, actions, words, notes, url, locale } = page
  const first = actions.find((action) => action === wanted) ?? actions[0]
  const sorted = first === undefined ? [] : [first, ...actions.filter((action) => action !== first)]
  const list = alerts.length < 2 ? [] : [...alerts.map(({ title }) => title), ...(moreAlerts > 0 ? [`+ ${moreAlerts}`] : [])]
  const buttons = sorted.map((action, index) => `<button name="action" value="${action}"${index === 0 ? ' class="first"' : ''}>${escaped(words[action])}</button>`)
  return whole(locale, heading, [
    ...(list.length === 0 ? [] : [`<ul>${list.map((one) => `<li>${escaped(one)}</li>`).join('')}</ul>`]),
    ...notes.map((note) => `<p>${escaped(note)}</p>`),
    ...(buttons.length === 0 ? [] : [`<form method="post">${buttons.join('')}</form>`]),
    ...(url === undefined ? [] : [`<p><a href="${escaped(url)}">${escaped(words.open)}</a></p>`]),
  ])
}

/** One sentence: what was done, or why nothing was. */
export function sentenceHtml(locale: string, sentence: string): string {
  return whole(locale, sentence, [])
}

function whole(locale: string, heading: string, parts: readonly string[]): string {
  return `<!doctype html><html lang="${escaped(locale)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex"><title>${escaped(heading)}</title><style>${style}</style></head><body><main><h1>${escaped(heading)}</h1>${parts.join('')}</main></body></html>`
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character)
}
