import { z } from 'zod'
import { configurationFrom } from '../configuration.ts'
import type { Alert } from '../model/alert.ts'
import { systemClock } from '../model/clock.ts'
import { TocsinError } from '../model/error.ts'
import { openExistingStore } from './open-engine.ts'
import type { Report } from './report.ts'
import { readAlert } from '../alert-file.ts'
import { routeLines } from './route-lines.ts'
import { routedOf, routedValue } from '../routed.ts'

/**
 * Who would be told of an alert, by which channel and when, and who would not and why: the same router as in the engine, and nothing is sent.
 * What only a running engine knows is not asked: silences, groups that have begun, limits.
 *
 * @param name a file with an alert as JSON, or an alert on record (`alt_51`)
 */
export async function route(
  name: string,
  options: { readonly at?: string; readonly config: string; readonly data: string; readonly locale: string },
  env: NodeJS.ProcessEnv,
  progress: (text: string) => void,
): Promise<Report> {
  const { at, locale } = options
  if (locale !== 'en' && locale !== 'zh-CN') throw new TocsinError('wrong-usage', `--locale: expected en or zh-CN, found "${locale}"`)
  const atMs = at === undefined ? systemClock.nowMs() : timeOf(at)
  const config = configurationFrom(options.config, [], env, 'console')
  const number = /^alt_(\d{1,15})$/.exec(name)?.[1]
  const alert = number === undefined ? readAlert(name, config.project, atMs) : await alertOnRecord(Number(number), options.data, progress)
  const routed = routedOf(config, alert, atMs)
  return { lines: routeLines(routed, locale), value: routedValue(routed), ok: true }
}

async function alertOnRecord(id: number, data: string, progress: (text: string) => void): Promise<Alert> {
  const store = await openExistingStore(data, progress)
  try {
    const alert = await store.read.alert(id)
    if (alert === undefined) throw new TocsinError('wrong-usage', `alt_${id} is not in ${data}`)
    return alert
  } finally {
    await store.close()
  }
}

function timeOf(at: string): number {
  const parsed = z.iso.datetime({ offset: true }).safeParse(at)
  if (!parsed.success) throw new TocsinError('wrong-usage', `--at: expected a time with its zone, such as 2026-11-22T23:00:00+08:00, found "${at}"`)
  return Date.parse(at)
}
