import type { Severity } from '../model/severity.ts'
import type { Letter } from './letter.ts'
import { escapeHtml } from './neutralise.ts'
import { sectionHtml } from './report-html.ts'

/**
 * A letter as HTML mail: one narrow column, tables for the readers that need them, nothing loaded from outside, light and
 * dark. Colours stand inline for readers that drop styles; dark ones override them by class.
 *
 * @param subject for the title of the document
 */
export function mailHtml(letter: Letter, subject: string): string {
  const tone = toneOf(letter)
  return `<!doctype html>
<html lang="${escapeHtml(letter.locale)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no,url=no">
<title>${escapeHtml(subject)}</title>
<style>${style(tone)}</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f3f4f6;-webkit-text-size-adjust:100%">
<div style="display:none;max-height:0;overflow:hidden;opacity:0">${escapeHtml(preview(letter))}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td align="center" style="padding:24px 12px">
<!--[if mso]><table role="presentation" width="560" cellpadding="0" cellspacing="0" border="0"><tr><td><![endif]-->
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px;background:#ffffff;border-radius:8px;border-top:4px solid ${tone.light};font-family:${fonts};color:#1b2128;text-align:left">
<tr><td class="pad" style="padding:22px 28px 24px">
<p class="badge" style="margin:0 0 6px;font-size:13px;line-height:18px;font-weight:600;color:${tone.light}">${escapeHtml(letter.badge)}</p>
<h1 dir="auto" style="margin:0;font-size:20px;line-height:28px;font-weight:600;overflow-wrap:anywhere">${escapeHtml(letter.heading)}</h1>
${[lines(letter), quotes(letter, tone), facts(letter), items(letter), ...(letter.sections ?? []).map((section) => sectionHtml(section, tone.light)), links(letter, tone)].map(ended).join('')}</td></tr></table>
${ended(footer(letter))}<!--[if mso]></td></tr></table><![endif]-->
</td></tr></table>
</body>
</html>
`
}

interface Tone {
  readonly light: string
  readonly dark: string
}

/** Each at least 4.5 : 1 on its background, light and dark. */
const tones: Readonly<Record<Severity, Tone>> = {
  critical: { light: '#8e1b2e', dark: '#ff8a7d' },
  high: { light: '#b3440e', dark: '#ff9f5a' },
  warning: { light: '#8a5a00', dark: '#f0b429' },
  info: { light: '#0062a0', dark: '#56b4e9' },
}
const over: Tone = { light: '#1c6b45', dark: '#5fc993' }

const fonts = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,'PingFang SC','Microsoft YaHei','Noto Sans SC',sans-serif"

/** The colour of what it is about, on light and on dark ground. */
export function toneOf({ isOver, severity }: Pick<Letter, 'isOver' | 'severity'>): Tone {
  return isOver ? over : tones[severity]
}

/** Dark ones override what stands inline; on a narrow screen a time stands above its title. */
function style(tone: Tone): string {
  return `@media (prefers-color-scheme:dark){.page{background:#14171b!important}.card{background:#1e2329!important;color:#e6e9ed!important;border-top-color:${tone.dark}!important}.badge{color:${tone.dark}!important}.quote{background:#272d35!important;border-left-color:${tone.dark}!important;color:#d5dae0!important}.label,.foot{color:#9aa4af!important}.row{border-top-color:#313842!important}.button{background:${tone.dark}!important;color:#14171b!important}.link{color:${tone.dark}!important}}@media (max-width:480px){.pad{padding:18px 18px 20px!important}.foot{padding:14px 18px 0!important}.when,.what{display:block!important;width:auto!important}.when{padding-bottom:0!important}.what{padding-top:0!important;border-top:0!important}}`
}

/** What mail readers show beside the subject. */
export function preview(letter: Letter): string {
  return (letter.lines[0] ?? letter.facts.map((fact) => fact.value).join(' · ')).replace(/\s+/g, ' ')
}

/** A block on lines of its own, or nothing. */
function ended(block: string): string {
  return block === '' ? '' : `${block}\n`
}

function lines(letter: Letter): string {
  return letter.lines.map((line) => `<p dir="auto" style="margin:14px 0 0;font-size:15px;line-height:23px;overflow-wrap:anywhere">${withBreaks(line)}</p>`).join('\n')
}

function quotes(letter: Letter, tone: Tone): string {
  return letter.quotes.map((quote) => `<blockquote class="quote" dir="auto" style="margin:14px 0 0;padding:10px 14px;border-left:3px solid ${tone.light};background:#f6f7f9;color:#3a434d;font-size:14px;line-height:21px;overflow-wrap:anywhere">${withBreaks(quote)}</blockquote>`).join('\n')
}

function facts(letter: Letter): string {
  if (letter.facts.length === 0) return ''
  const rows = letter.facts.map(
    (fact, index) =>
      `<tr><th scope="row" class="label${index === 0 ? '' : ' row'}" style="${cell(index)};width:32%;padding-right:16px;font-weight:400;color:#5b6672;text-align:left">${escapeHtml(fact.label)}</th><td dir="auto"${index === 0 ? '' : ' class="row"'} style="${cell(index)};overflow-wrap:anywhere;word-break:break-word">${withBreaks(fact.value)}</td></tr>`,
  )
  return `<table width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:20px 0 0;border-collapse:collapse">\n${rows.join('\n')}\n</table>`
}

function items(letter: Letter): string {
  if (letter.items.length === 0 && letter.moreItems === undefined) return ''
  const rows = letter.items.map(
    (item, index) =>
      `<tr><td class="label when${index === 0 ? '' : ' row'}" style="${cell(index)};padding-right:16px;white-space:nowrap;color:#5b6672">${escapeHtml(item.time)}</td><td dir="auto" class="what${index === 0 ? '' : ' row'}" style="${cell(index)};width:100%;overflow-wrap:anywhere;word-break:break-word">${escapeHtml(item.title)}</td></tr>`,
  )
  const more = letter.moreItems === undefined ? '' : `\n<tr><td colspan="2" class="label" style="${cell(0)};color:#5b6672">${escapeHtml(letter.moreItems)}</td></tr>`
  return `<table width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:20px 0 0;border-collapse:collapse">\n${rows.join('\n')}${more}\n</table>`
}

function cell(index: number): string {
  return `padding:7px 0;vertical-align:top;font-size:14px;line-height:20px${index === 0 ? '' : ';border-top:1px solid #e6e8ec'}`
}

/** The first as a button, the others beside it. */
function links(letter: Letter, tone: Tone): string {
  const [first, ...more] = letter.links
  if (first === undefined) return ''
  const button = `<a class="button" href="${escapeHtml(first.url)}" style="display:inline-block;padding:9px 18px;border-radius:6px;background:${tone.light};color:#ffffff;font-size:14px;line-height:20px;font-weight:600;text-decoration:none">${escapeHtml(first.word)}</a>`
  const others = more.map(({ url, word }) => `<a class="link" href="${escapeHtml(url)}" style="display:inline-block;padding:9px 0 9px 18px;color:${tone.light};font-size:14px;line-height:20px;font-weight:600">${escapeHtml(word)}</a>`)
  return `<p style="margin:22px 0 0">${[button, ...others].join('')}</p>`
}

function footer(letter: Letter): string {
  const said = letter.why === undefined ? letter.notes : [...letter.notes, letter.why]
  if (said.length === 0) return ''
  return `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px"><tr><td class="foot" style="padding:14px 28px 0;font-family:${fonts};font-size:12px;line-height:18px;color:#5b6672;text-align:left;overflow-wrap:anywhere">${said.map(escapeHtml).join('<br>')}</td></tr></table>`
}

function withBreaks(text: string): string {
  return escapeHtml(text).replaceAll('\n', '<br>')
}
