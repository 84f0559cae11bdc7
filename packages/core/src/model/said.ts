/** What the product says of its own parts, in each language that its pages speak: one without the other does not compile. */
export type Said = Readonly<Record<'en' | 'zh-CN', string>>

/** @param locale of a reader, as `localeFor` found it; for any other it is English */
export function saidIn(said: Said, locale: string): string {
  return locale === 'zh-CN' ? said['zh-CN'] : said.en
}
