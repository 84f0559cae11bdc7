import type { words as english } from './en/index'

/** Languages that the pages speak. A test asks that each says every word, with the same parameters. */
export const locales = ['en', 'zh-CN'] as const

export type Locale = (typeof locales)[number]

/** Each language by its own name. */
export const localeNames: Readonly<Record<Locale, string>> = { en: 'English', 'zh-CN': '简体中文' }

export type Word = keyof typeof english

export type Catalogue = Readonly<Record<Word, string>>

/** A reader loads the one language that they read. */
export async function loadCatalogue(locale: Locale): Promise<Catalogue> {
  switch (locale) {
    case 'en':
      return (await import('./en/index')).words
    case 'zh-CN':
      return (await import('./zh-CN/index')).words
  }
}
