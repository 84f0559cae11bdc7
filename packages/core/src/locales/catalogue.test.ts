import { describe, expect, it } from 'vitest'
import { decisionReasons } from '../model/decision.ts'
import { errorClasses } from '../model/event.ts'
import { messages } from '../model/message.ts'
import { localeFor, locales, translator, translatorsOf } from './catalogue.ts'
import { en } from './en.ts'
import { paramsOf, sayPhrase, type Phrase } from './phrase.ts'
import type { Catalogue } from './shape.ts'
import { zhCN } from './zh-CN.ts'

/** Every text of a catalogue by its path, with the list around alternatives flattened away. */
function textsOf(value: unknown, path: string): ReadonlyMap<string, readonly string[]> {
  if (typeof value === 'string') return new Map([[path, [value]]])
  const found = new Map<string, readonly string[]>()
  for (const [key, inner] of Object.entries(value ?? {})) {
    const innerPath = Array.isArray(value) ? path : `${path}.${key}`
    for (const [at, texts] of textsOf(inner, innerPath)) found.set(at, [...(found.get(at) ?? []), ...texts])
  }
  return found
}

const english = textsOf(en, '')
const chinese = textsOf(zhCN, '')

/** Keys whose texts ask for other parameters than the English ones. */
function otherParams(texts: typeof english, locale: string): readonly string[] {
  // Calendars order and name things in their own way.
  return [...english].filter(([path]) => !path.startsWith('.times')).flatMap(([path, own]) => (paramSet(texts.get(path) ?? [], locale).join() === paramSet(own, 'en').join() ? [] : [path]))
}

function paramSet(texts: readonly string[], locale: string): readonly string[] {
  return [...new Set(texts.flatMap((text) => paramsOf(text, locale)))].sort()
}

describe('catalogues', () => {
  it('hold the same keys', () => {
    expect([...chinese.keys()]).toEqual([...english.keys()])
  })

  it('use the same parameters under the same key', () => {
    expect(otherParams(chinese, 'zh-CN')).toEqual([])
  })

  it('that lack a parameter, or have one too many, are found by that', () => {
    const lacking = { ...zhCN, frames: { ...zhCN.frames, more: '另有几条', why: ['收到原因：{routes}'] } }
    expect(otherParams(textsOf(lacking, ''), 'zh-CN')).toEqual(['.frames.why', '.frames.more'])
  })

  it('give as many alternatives of each sentence, with the same parameters in the same order', () => {
    const shape = (phrase: unknown, locale: string): unknown => (typeof phrase === 'string' ? [...paramsOf(phrase, locale)].sort() : Array.isArray(phrase) ? phrase.map((one) => shape(one, locale)) : undefined)
    for (const reason of decisionReasons) expect([reason, shape(zhCN.decisions[reason], 'zh-CN')]).toEqual([reason, shape(en.decisions[reason], 'en')])
    for (const frame of Object.keys(en.frames) as (keyof typeof en.frames)[]) expect([frame, shape(zhCN.frames[frame], 'zh-CN')]).toEqual([frame, shape(en.frames[frame], 'en')]) // keys of an object of known keys
    for (const id of Object.keys(messages) as (keyof typeof messages)[]) {
      for (const section of ['subject', 'lines', 'short'] as const) {
        expect([id, section, shape(zhCN.messages[id][section], 'zh-CN')]).toEqual([id, section, shape(en.messages[id][section], 'en')])
      }
    }
  })

  it('end every choice about a decision with a sentence that needs no parameter, so that something is always said', () => {
    for (const locale of locales) {
      const { words } = translator(locale, 'UTC')
      for (const reason of decisionReasons) expect(sayPhrase(words.decisions[reason], locale, () => undefined)).toMatch(/[.。]$/)
    }
  })

  it('name a verdict for every decision reason and a clause for every class of error', () => {
    for (const reason of decisionReasons) expect(Object.keys(en.verdicts)).toContain(reason.split('.')[0])
    for (const name of errorClasses) expect(translator('en', 'UTC').say(en.failures[name], () => 'openai gpt-5')).toMatch(/^openai gpt-5 /)
  })

  it('keep English text messages within the GSM-7 alphabet', () => {
    const inTextMessages = [...english].filter(([path]) => path.endsWith('.short') || path.startsWith('.errorClasses') || path.startsWith('.failures')).flatMap(([, texts]) => texts)
    expect(inTextMessages.filter((text) => !/^[\u0020-\u007e]+$/.test(text))).toEqual([])
  })

  it('write Chinese with full-width punctuation, and with spaces between Chinese and Latin or digits', () => {
    for (const [path, texts] of chinese) {
      for (const text of texts) {
        const read = text.replace(/\{\w+, (?:plural|select),.*$/, '')
        expect([path, text, /[\u4e00-\u9fff][,;:?!()]|[,;:?!()][\u4e00-\u9fff]/.test(read)]).toEqual([path, text, false])
        expect([path, text, /[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]/.test(read)]).toEqual([path, text, false])
      }
    }
  })
})

describe('a phrase', () => {
  const values = (known: Readonly<Record<string, string | number>>) => (name: string) => known[name]

  it('says the first alternative whose parameters are all known', () => {
    const phrase: Phrase = ['{a} of {b}', '{a}', 'nothing known']
    expect(sayPhrase(phrase, 'en', values({ a: 1, b: 2 }))).toBe('1 of 2')
    expect(sayPhrase(phrase, 'en', values({ a: 1 }))).toBe('1')
    expect(sayPhrase(phrase, 'en', values({}))).toBe('nothing known')
  })

  it('is left out where a parameter is missing or nothing would be said', () => {
    expect(sayPhrase('{a}', 'en', values({}))).toBeUndefined()
    expect(sayPhrase('{n, plural, =0 {} one {# call} other {# calls}}', 'en', values({ n: 0 }))).toBeUndefined()
    expect(sayPhrase('{n, plural, =0 {} one {# call} other {# calls}}', 'en', values({ n: 1200 }))).toBe('1,200 calls')
  })

  it('takes values literally, ICU syntax and all', () => {
    expect(sayPhrase('{a}', 'en', values({ a: "{b} '{' # <b>" }))).toBe("{b} '{' # <b>")
    expect(sayPhrase('{a}{n, plural, other { #}}', 'en', values({ a: '{b}', n: 1 }))).toBe('{b} 1')
  })
})

describe('a translator', () => {
  const t = translator('en', 'America/New_York')
  const zh = translator('zh-CN', 'Asia/Shanghai')

  it('writes money so that small amounts stay visible and whole ones stay short', () => {
    expect([0.42, 0.0042, 0.005, 0.00999, 500, 402.1, 1234.5, -3.2, 0, 0.000000001, 1e-12].map((usd) => t.money(usd))).toEqual([
      '$0.42', '$0.0042', '$0.005', '$0.01', '$500', '$402.10', '$1,234.50', '-$3.20', '$0', '$0.000000001', '<$0.000000001',
    ])
  })

  it('writes times in the zone of the reader, over the change of the clocks', () => {
    const beforeMs = Date.UTC(2026, 2, 8, 6, 59, 59)
    expect(t.time(beforeMs)).toBe('8 Mar 2026, 01:59:59 EST')
    expect(t.time(beforeMs + 1_000)).toBe('8 Mar 2026, 03:00:00 EDT')
    expect(zh.time(beforeMs)).toBe('2026 年 3 月 8 日 14:59:59 GMT+8')
    expect(zh.timeBrief(beforeMs)).toBe('3 月 8 日 14:59:59')
    expect(t.time(Number.NaN)).toBeUndefined()
    expect(t.time(1e20)).toBeUndefined()
    expect(t.time(Date.UTC(1999, 11, 31, 23, 59, 59, 999))).toBe('31 Dec 1999, 18:59:59 EST')
    expect(t.time(-1)).toContain('31 Dec 1969, 18:59:59')
  })

  it('writes durations in their two largest units', () => {
    expect([0, 850, 1_900, 12_000, 59_999, 185_000, 3_600_000, 7_500_000, 90_000_000].map((ms) => t.duration(ms))).toEqual(['0 ms', '850 ms', '1.9 s', '12 s', '1 min', '3 min 5 s', '1 h', '2 h 5 min', '1 d 1 h'])
    expect(zh.duration(185_000)).toBe('3 分 5 秒')
  })

  it('lists with the words of the language', () => {
    expect(t.list(['a', 'b', 'c'])).toBe('a, b and c')
    expect(zh.list(['会话 1 条', '模型 2 条'])).toBe('会话 1 条、模型 2 条')
    expect(t.list([])).toBe('')
  })

  it('falls back to the same language, then English, and to UTC', () => {
    expect(translator('zh', 'UTC').locale).toBe('zh-CN')
    expect(translator('de-DE', 'UTC').locale).toBe('en')
    expect(translator('en', 'Mars/Olympus').time(0)).toBe('1 Jan 1970, 00:00:00 UTC')
    expect(translator('en', 'UTC')).toBe(translator('en', 'UTC'))
  })

  it('writes times of the hour that comes twice so that they differ by their zone', () => {
    const berlin = translator('zh-CN', 'Europe/Berlin')
    const firstMs = Date.UTC(2026, 9, 25, 0, 30)
    expect([firstMs, firstMs + 3_600_000, firstMs + 7_200_000].map((atMs) => berlin.time(atMs))).toEqual(['2026 年 10 月 25 日 02:30:00 GMT+2', '2026 年 10 月 25 日 02:30:00 GMT+1', '2026 年 10 月 25 日 03:30:00 GMT+1'])
    expect(translator('en', 'Australia/Lord_Howe').time(Date.UTC(2026, 3, 4, 15))).toBe('5 Apr 2026, 01:30:00 GMT+10:30')
    expect(berlin.money(-1234.5)).toBe('-$1,234.50')
  })
})

describe('a language', () => {
  it('that there is not is answered in the nearest that there is', () => {
    expect(['en', 'EN', 'zh-CN', 'zh-cn', 'en-GB', 'en-US-posix', 'zh', 'zh-TW', 'zh-Hant-HK', 'de', 'de-DE', '', 'x'].map((tag) => Object.values(localeFor(tag)).join(' '))).toEqual([
      'en itself', 'en itself', 'zh-CN itself', 'zh-CN itself', 'en wider', 'en wider', 'zh-CN same-language', 'zh-CN same-language', 'zh-CN same-language', 'en last', 'en last', 'en last', 'en last',
    ])
    expect(localeFor('en-XA')).toEqual({ locale: 'en-XA', how: 'itself' })
  })

  it('is one catalogue: words, numbers and dates follow from it', () => {
    const months = ['janv.', 'févr.', 'mars', 'avr.', 'mai', 'juin', 'juil.', 'août', 'sept.', 'oct.', 'nov.', 'déc.'] as const
    const french: Catalogue = {
      ...en,
      severities: { critical: 'Critique', high: 'Élevé', warning: 'Avertissement', info: 'Info' },
      numbers: { group: '\u202f', decimal: ',', dollars: ['', ' $US'], percent: ['', ' %'] },
      monthNames: months,
      times: { full: '{day} {monthName} {year} à {clock} {zone}', brief: '{day} {monthName} {clock}', day: '{day} {monthName}' },
    }
    const fr = translatorsOf({ en, fr: french })('fr-CA', 'America/Montreal')
    expect(fr.locale).toBe('fr')
    expect(fr.words.severities.high).toBe('Élevé')
    expect([1234.5, 0.0042, 500, 1e-12].map((usd) => fr.money(usd))).toEqual(['1\u202f234,50 $US', '0,0042 $US', '500 $US', '<0,000000001 $US'])
    expect([fr.percent(82.46), fr.duration(1_900)]).toEqual(['82,5 %', '1,9 s'])
    expect(fr.time(Date.UTC(2026, 1, 8, 6, 59, 59))).toBe('8 févr. 2026 à 01:59:59 EST')
    expect(translatorsOf({ en, fr: french })('de', 'UTC').locale).toBe('en')
  })
})
