import type { Backtest } from './backtest.ts'
import type { ConfigInput } from './model/config.ts'

export interface BacktestCall {
  /** A rule of the configuration, a built-in one (also one that is off), or a budget. */
  readonly rule: string
  /** How far back, such as `12h` or `7d`. @default '7d' */
  readonly since?: string
  /** An object, or the path of a file. @default tocsin.yaml of the current folder */
  readonly config?: ConfigInput | string
  /** Folder of the database; it is only read. @default '.tocsin' */
  readonly data?: string
}

/**
 * What a rule would have told, by the events on record: which alerts it would have opened, when, and how many messages to whom.
 * The same as `tocsin backtest`. Nothing is sent, and nothing on record is changed.
 *
 * @throws TocsinError `wrong-usage` where there is no such rule or no database, `config-invalid` where the configuration is wrong
 * @example
 * const { alertsTotal, messagesTotal } = await backtest({ rule: 'model-failed', since: '1d', data: './data' })
 * console.log(`${alertsTotal} alerts, ${messagesTotal} messages`)
 */
export async function backtest({ rule, since = '7d', config, data = '.tocsin' }: BacktestCall): Promise<Backtest> {
  // Loaded at the first call: it brings the whole engine, which an agent's own thread does not need.
  const { backtestHere } = await import('./backtest-here.ts')
  return backtestHere(rule, { since, config, data })
}
