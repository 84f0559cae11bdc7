import { localeNow } from './say'

/** What stands between two sentences in the language that is spoken now: Chinese ends them with a wide mark. */
export function betweenSentences(): string {
  return localeNow() === 'zh-CN' ? '' : ' '
}

/** One sentence after the other, without those that say nothing. */
export function sentences(...said: readonly string[]): string {
  return said.filter((one) => one !== '').join(betweenSentences())
}

/** One name after the other. `Intl.ListFormat` would leave out what stands between them in Chinese, or say "and". */
export function listed(names: readonly string[]): string {
  return names.join(localeNow() === 'zh-CN' ? '、' : ', ')
}

/** Stands behind a name and before what is said of it. */
export function colon(): string {
  return localeNow() === 'zh-CN' ? '：' : ': '
}

const wordBesideWord = /(?<=[\d\p{Script=Latin}])(?=\p{Script=Han})|(?<=\p{Script=Han})(?=[\d\p{Script=Latin}])/gu

/** Dates, units and lists as browsers write them, with the spaces that the rest of the page has. @example spaced('11月23日') // '11 月 23 日' */
export function spaced(text: string): string {
  return text.replaceAll(wordBesideWord, ' ')
}
