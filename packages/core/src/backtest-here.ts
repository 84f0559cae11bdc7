import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { backtest, type Backtest, type BacktestOptions } from './backtest.ts'
import { configurationFrom } from './configuration.ts'
import { systemClock } from './model/clock.ts'
import type { ConfigInput } from './model/config.ts'
import { parseDuration } from './model/duration.ts'
import { TocsinError } from './model/error.ts'
import { openSqliteStore } from './stores/sqlite.ts'

export interface BacktestHere extends Pick<BacktestOptions, 'locale' | 'timezone' | 'onProgress'> {
  /** Such as `7d`. */
  readonly since: string
  readonly config: ConfigInput | string | undefined
  readonly data: string
  /** Where `${NAME}` of the configuration is looked up. @default the environment */
  readonly env?: NodeJS.ProcessEnv
  readonly notice?: (text: string) => void
}

/** A backtest over the database of this machine. */
export async function backtestHere(rule: string, { since, config: given, data, env, notice, ...more }: BacktestHere): Promise<Backtest> {
  const sinceMs = parseDuration(since)
  if (sinceMs === undefined || sinceMs <= 0) throw new TocsinError('wrong-usage', `--since: expected a duration such as 12h or 7d, found "${since}"`)
  const config = configurationFrom(given, [], env)
  const file = join(data, 'tocsin.db')
  if (!existsSync(file)) throw new TocsinError('wrong-usage', `${file} does not exist. Name the agent's data folder`)
  const store = openSqliteStore({ file, clock: systemClock, durability: 'full', ...(notice !== undefined && { notice }) })
  try {
    const untilMs = systemClock.nowMs()
    return await backtest({ config, rule, read: store.read, fromMs: untilMs - sinceMs, untilMs, ...more })
  } finally {
    await store.close()
  }
}
