import { escapeHtml } from './neutralise.ts'
import type { Section, SectionRow } from './report-sections.ts'

/**
 * A table of a report for mail: numbers to the right, and a bar beneath a name for how much of the whole it is. The bar is the background of two
 * cells, which every reader draws; to one that reads aloud it is nothing.
 *
 * @param colour of the bar on light ground; on dark ground the class of the button overrides it, which has the same
 */
export function sectionHtml({ title, columns, rows, lines }: Section, colour: string): string {
  const head = columns.map((column, place) => `<th scope="col" class="label" style="padding:4px 0 4px ${place === 0 ? 0 : 12}px;font-size:12px;line-height:18px;font-weight:400;color:#5b6672;text-align:${side(place)};vertical-align:bottom">${escapeHtml(column)}</th>`)
  const table = rows.length === 0 ? '' : `\n<table width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:4px 0 0;border-collapse:collapse">\n<tr>${head.join('')}</tr>\n${rows.map((row) => rowHtml(row, colour)).join('\n')}\n</table>`
  const beneath = lines.map((line) => `\n<p dir="auto" style="margin:8px 0 0;font-size:14px;line-height:21px;overflow-wrap:anywhere">${escapeHtml(line)}</p>`)
  return `<h2 style="margin:24px 0 0;font-size:16px;line-height:24px;font-weight:600">${escapeHtml(title)}</h2>${table}${beneath.join('')}`
}

function rowHtml({ cells, share }: SectionRow, colour: string): string {
  return `<tr>${cells.map((cell, place) => `<td dir="auto" class="row" style="padding:6px 0 6px ${place === 0 ? 0 : 12}px;border-top:1px solid #e6e8ec;vertical-align:top;font-size:14px;line-height:20px;text-align:${side(place)};${place === 0 ? 'width:100%;overflow-wrap:anywhere;word-break:break-word' : 'white-space:nowrap'}">${escapeHtml(cell)}${place === 0 && share !== undefined ? barHtml(share, colour) : ''}</td>`).join('')}</tr>`
}

function barHtml(share: number, colour: string): string {
  const percent = Math.round(100 * Math.min(1, Math.max(0, share)))
  if (percent === 0) return ''
  const rest = percent === 100 ? '' : '<td style="font-size:0;line-height:4px">&nbsp;</td>'
  return `<table role="presentation" aria-hidden="true" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td class="button" width="${percent}%" height="4" style="width:${percent}%;height:4px;background:${colour};font-size:0;line-height:4px">&nbsp;</td>${rest}</tr></table>`
}

/** Numbers stand right. In tables of two columns the second may be words, which stand right as well. */
function side(place: number): 'left' | 'right' {
  return place === 0 ? 'left' : 'right'
}
