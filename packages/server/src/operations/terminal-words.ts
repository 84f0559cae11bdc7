import { usdFromNano, type StoredEvent } from 'tocsin/engine'

/** Languages of the terminal. */
export type TerminalLocale = 'en' | 'zh-CN'

/** What the person at the terminal reads, in their language. */
export interface TerminalWords {
  readonly open: (url: string) => string
  readonly ownerLink: string
  readonly key: (key: string) => string
  readonly listening: (url: string) => string
  readonly noEventYet: string
  readonly firstEvent: (time: string, what: readonly string[]) => string
}

export const terminalWords: Readonly<Record<TerminalLocale, TerminalWords>> = {
  en: {
    open: (url) => `Open ${url}`,
    ownerLink: '  owner link, once, 30 minutes',
    key: (key) => `Key ${key} sends events only; shown once`,
    listening: (url) => `Listening on ${url}.`,
    noEventYet: ' No event yet.',
    firstEvent: (time, what) => `First event ${time}: ${what.join(', ')}`,
  },
  'zh-CN': {
    open: (url) => `打开 ${url}`,
    ownerLink: '  所有者链接，限用一次，30 分钟有效',
    key: (key) => `密钥 ${key} 仅可写入事件，只显示一次`,
    listening: (url) => `正在监听 ${url}`,
    noEventYet: '，尚无事件。',
    firstEvent: (time, what) => `首个事件 ${time}：${what.join('，')}`,
  },
}

/** What there is to say of the first event: what is not known of it is left out. */
export function firstEventLine(event: StoredEvent, locale: TerminalLocale): string {
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(event.atMs)
  const costNanoUsd = event.llm?.costNanoUsd
  const cost = costNanoUsd === undefined ? undefined : new Intl.NumberFormat(locale, { style: 'currency', currency: 'USD', maximumSignificantDigits: 3, currencyDisplay: 'narrowSymbol' }).format(usdFromNano(costNanoUsd))
  // Whatever an agent calls itself must not move the cursor.
  const plain = [event.type, event.agent, event.llm?.model, cost].filter((part) => part !== undefined).map((part) => part.replaceAll(/\p{C}/gu, '').slice(0, charsMax))
  return terminalWords[locale].firstEvent(time, plain)
}

const charsMax = 100
