import { IntlMessageFormat } from 'intl-messageformat'
import { createContext, useContext, useEffect, useMemo, useState, type ReactElement, type ReactNode } from 'react'
import { loadCatalogue, locales, type Catalogue, type Locale, type Word } from './catalogues'
import { keep, kept } from '../app/kept'

/** What a sentence is filled with: money, times and lists come as text, from `useAmounts`. */
export type Values = Readonly<Record<string, string | number>>

/** Says a word of the catalogue in the reader's language. */
export type Say = (word: Word, values?: Values) => string

interface Speaking {
  readonly locale: Locale
  /** IANA name. */
  readonly timezone: string
  readonly say: Say
  readonly choose: (change: { readonly locale?: Locale; readonly timezone?: string }) => void
}

const context = createContext<Speaking | undefined>(undefined)

/** Whatever is spoken now, for what says something outside of any part that is drawn. */
let spokenNow: { readonly locale: Locale; readonly catalogue: Catalogue; readonly say: Say } | undefined

/** The language of this browser's last choice, else that of the system, else English. */
export function firstLocale(): Locale {
  for (const one of [kept('locale'), ...navigator.languages]) {
    const found = locales.find((locale) => locale === one || (one !== undefined && one.split('-', 1)[0] === locale.split('-', 1)[0]))
    if (found !== undefined) return found
  }
  return 'en'
}

interface SpeechProps {
  /** What is spoken first, loaded before anything is drawn. */
  readonly first: { readonly locale: Locale; readonly catalogue: Catalogue }
  readonly children: ReactNode
}

export function Speech({ first, children }: SpeechProps): ReactElement {
  const [spoken, setSpoken] = useState(first)
  const [timezone, setTimezone] = useState(() => kept('timezone') ?? Intl.DateTimeFormat().resolvedOptions().timeZone)
  useEffect(() => {
    document.documentElement.lang = spoken.locale
  }, [spoken.locale])
  const say = useMemo(() => {
    const made = sayIn(spoken.locale, spoken.catalogue)
    // Before anything inside is drawn in this language.
    spokenNow = { ...spoken, say: made }
    return made
  }, [spoken])
  const speaking = useMemo<Speaking>(
    () => ({
      locale: spoken.locale,
      timezone,
      say,
      choose(change) {
        const { locale } = change
        if (locale !== undefined) {
          keep('locale', locale)
          // At once: what is asked of the server next says it in the header.
          document.documentElement.lang = locale
          void loadCatalogue(locale).then((catalogue) => setSpoken({ locale, catalogue }))
        }
        if (change.timezone !== undefined) {
          keep('timezone', change.timezone)
          setTimezone(change.timezone)
        }
      },
    }),
    [spoken.locale, say, timezone],
  )
  return <context.Provider value={speaking}>{children}</context.Provider>
}

/** @example const say = useSay(); say('alerts.new', { count: 3 }) */
export function useSay(): Say {
  return useLocale().say
}

/** Says a word of which nobody knows beforehand whether there is one, such as one for a code of the server. @returns nothing where there is none */
export function sayIfKnown(word: string, values?: Values): string | undefined {
  // Reason for the cast: it was looked up.
  return spokenNow !== undefined && Object.hasOwn(spokenNow.catalogue, word) ? spokenNow.say(word as Word, values) : undefined
}

/** The language in which {@link sayIfKnown} says it. */
export function localeNow(): Locale | undefined {
  return spokenNow?.locale
}

/** Language and zone of the reader, and how to choose others. */
export function useLocale(): Speaking {
  const speaking = useContext(context)
  if (speaking === undefined) throw new Error('expected to be inside <Speech>')
  return speaking
}

function sayIn(locale: Locale, catalogue: Catalogue): Say {
  const made = new Map<Word, IntlMessageFormat>()
  return (word, values) => {
    const known = made.get(word) ?? new IntlMessageFormat(catalogue[word], locale, undefined, { ignoreTag: true })
    made.set(word, known)
    return String(known.format<string>({ ...values }))
  }
}
