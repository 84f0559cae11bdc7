import { translator } from '../locales/catalogue.ts'
import { TocsinError } from '../model/error.ts'
import { openExistingStore } from './open-engine.ts'
import type { Report } from './report.ts'

/** What the `inbox` channels of this machine were sent, oldest first. */
export async function showInbox(options: { readonly data: string; readonly limit: string; readonly locale: string; readonly timezone: string }, notice: (text: string) => void): Promise<Report> {
  const limit = Number(options.limit)
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000) throw new TocsinError('wrong-usage', `--limit: expected 1 to 1000, found ${options.limit}`)
  const words = translator(options.locale, options.timezone)
  const store = await openExistingStore(options.data, notice)
  try {
    const messages = (await store.read.inbox({ limit })).toReversed()
    const lines = messages.flatMap((message) => [`${words.timeBrief(message.atMs)}  ${message.subject}`, ...message.text.split('\n').map((line) => (line === '' ? '' : `  ${line}`)), ''])
    return { lines: messages.length === 0 ? [`No message in ${options.data}. A channel of type inbox keeps its messages there.`] : lines.slice(0, -1), value: messages, ok: true }
  } finally {
    await store.close()
  }
}
