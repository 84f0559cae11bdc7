import { explainAlert } from '../delivery/explain.ts'
import { TocsinError } from '../model/error.ts'
import { openExistingStore } from './open-engine.ts'
import type { Report } from './report.ts'

/** Who was told of an alert, who was not, and why: the decisions on record, in words. */
export async function explain(id: string, options: { readonly data: string; readonly locale: string }): Promise<Report> {
  const number = /^(?:alt_)?(\d{1,15})$/.exec(id)?.[1]
  if (number === undefined) throw new TocsinError('wrong-usage', `expected an alert such as alt_51, found "${id}"`)
  const locale = options.locale === 'zh-CN' ? 'zh-CN' : 'en'
  const store = await openExistingStore(options.data)
  try {
    const alert = await store.read.alert(Number(number))
    if (alert === undefined) {
      const newest = (await store.read.alerts({ limit: 1 }))[0]?.id
      throw new TocsinError('wrong-usage', `alt_${number} is not in ${options.data}; ${newest === undefined ? 'it holds no alerts yet' : `the newest is alt_${newest}`}`)
    }
    const decisions = await store.read.decisionsOf(alert.id)
    const deliveries = await store.read.deliveriesOf(alert.id)
    return { lines: explainAlert(alert, decisions, deliveries, locale), value: { alert, decisions, deliveries }, ok: true }
  } finally {
    await store.close()
  }
}
