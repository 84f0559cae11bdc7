import { defuseBareHosts } from './bare-hosts.ts'

/**
 * Text that came from an agent, a model or a provider is untrusted: it must not move the reader's terminal, reorder what
 * is read, start a line that looks like ours, open a link, or call people. What it says stays readable.
 *
 * Two steps, because redaction belongs between them: a key hidden with invisible characters must be seen by redaction,
 * so `stripInvisible` comes first, then redaction, then `defuse`. `neutralise` is both in one.
 */
export interface NeutraliseOptions {
  /** `single`: every line break becomes a space. `multi`: line breaks stay, as `\n`. */
  readonly lines: 'single' | 'multi'
}

/** Nothing in here can do harm, and most values are such: names, ids, models. */
const harmless = /^[\w -]*$/
/** Nothing in here is invisible: what is left to do is about spaces and lines. */
const printable = /^[\x20-\x7e\n]*$/
/** Two white spaces side by side, or another than the plain one. */
const oddSpace = /\s{2}|[^\S ]/
/** White space before the end of a line, or more than one empty line. */
const oddLines = /[^\S\n]\n|\n{3}/

// eslint-disable-next-line no-control-regex -- these are the characters that are taken out
const ansiSequence = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b\n]{0,2000}(?:\u0007|\u001b\\)?|[@-Z\\-_])/g
const lineBreak = /\r\n?|[\n\u000b\u000c\u0085\u2028\u2029]/g
/** Controls but \t and \n; soft hyphen; zero-width signs but the joiners that emoji and scripts need; bidi marks, overrides and isolates; fillers; interlinear marks; language tags. */
// eslint-disable-next-line no-control-regex -- these are the characters that are taken out
const invisible = /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]/gu
/** A joiner that does not stand between two letters or pictures joins nothing: it only hides. */
const straySigns = /(?<![\p{L}\p{M}\p{Extended_Pictographic}\u{1f3fb}-\u{1f3ff}\ufe0f])[\u200c\u200d]+|[\u200c\u200d]+(?![\p{L}\p{M}\p{Extended_Pictographic}])|(?<=[\u0000-\u024f])[\u200c\u200d]+|[\u200c\u200d]+(?=[\u0000-\u024f])/gu

/** Takes out what cannot be seen, and brings line breaks into one form. */
export function stripInvisible(text: string, options: NeutraliseOptions): string {
  if (harmless.test(text)) return text
  const visible = printable.test(text) ? text : visibleSigns(text)
  if (options.lines === 'single') return (oddSpace.test(visible) ? visible.replace(/\s+/g, ' ') : visible).trim()
  const spaced = visible.replaceAll('\t', '  ')
  return (oddLines.test(spaced) ? spaced.replace(/[^\S\n]+$/gm, '').replace(/\n{3,}/g, '\n\n') : spaced).trim()
}

function visibleSigns(text: string): string {
  return text.toWellFormed().replace(ansiSequence, '').replace(lineBreak, '\n').replace(invisible, '').replace(straySigns, '')
}

const scheme = /([a-z][a-z0-9+.-]{0,20}):(?=\/\/)/gi
const bareScheme = /\b(mailto|tel|sms|javascript|data|vbscript|file):(?=\S)/gi
/** The host behind a defused scheme, up to the next one: readers turn a bare `example.com` into a link by themselves. */
const schemeHost = /(\[:\]\/\/)([^\s/?#[]+)/g
const www = /\bwww\./gi
const mention = /@(?=(?:channel|here|everyone|all|room|team|group)(?![a-z0-9_-])|所有人|全体成员)/gi
/** Slack `<!here>`, `<@U1>`, `<#C1>`; Discord `<@&1>`; Feishu `<at user_id="all">`. */
const chatMark = /<(?=[!@#/]|at[\s>])/gi
/** Markdown `[words](address)`. */
const markdownLink = /\](?=\()/g

/** Takes the effect out of links, mentions and chat markup, keeping their words readable: `https[:]//example[.]com`. */
export function defuse(text: string): string {
  if (harmless.test(text)) return text
  // Each expression is asked only where the sign stands that it begins with: looking for one sign is 20 times faster.
  let defused = text
  if (defused.includes('://')) defused = defused.replace(scheme, '$1[:]')
  if (defused.includes('[:]//')) defused = defused.replace(schemeHost, (_all, before: string, host: string) => before + host.replaceAll('.', '[.]'))
  if (defused.includes(':')) defused = defused.replace(bareScheme, '$1[:]')
  if (defused.includes('.')) defused = defused.replace(www, (found) => `${found.slice(0, -1)}[.]`)
  defused = defuseBareHosts(defused)
  if (defused.includes('<')) defused = defused.replace(chatMark, '< ')
  if (defused.includes('](')) defused = defused.replace(markdownLink, '] ')
  return defused.includes('@') ? defused.replace(mention, '@ ') : defused
}

/**
 * Both steps. Doing it twice changes nothing more.
 *
 * @example neutralise('see https://evil.example/x', { lines: 'single' }) // 'see https[:]//evil[.]example/x'
 */
export function neutralise(text: string, options: NeutraliseOptions): string {
  return defuse(stripInvisible(text, options))
}

const htmlSigns: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** For text between tags and inside quoted attributes. */
export function escapeHtml(text: string): string {
  if (!/[&<>"']/.test(text)) return text
  return text.replace(/[&<>"']/g, (sign) => htmlSigns[sign] ?? sign)
}
