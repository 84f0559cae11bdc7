import { nearest } from '../channels/nearest.ts'
import { configurationFrom } from '../configuration.ts'
import { systemChance } from '../model/chance.ts'
import { systemClock } from '../model/clock.ts'
import type { Config } from '../model/config.ts'
import { TocsinError } from '../model/error.ts'
import { roles } from '../model/roles.ts'
import { severities, type Severity } from '../model/severity.ts'
import { shownAddress } from '../model/shown-address.ts'
import { openEngine } from './open-engine.ts'
import type { Report } from './report.ts'

/** Longest wait for the messages to go out, milliseconds; what is not sent by then is left to the next process. */
const sendMs = 20_000

/** Says something by hand, by the same route as everything else. */
export async function sendByHand(
  options: { readonly title: string; readonly body?: string; readonly severity: string; readonly to?: readonly string[]; readonly config: string; readonly data: string },
  env: NodeJS.ProcessEnv,
  progress: (text: string) => void,
): Promise<Report> {
  const severity = severities.find((known): known is Severity => known === options.severity)
  if (severity === undefined) throw new TocsinError('wrong-usage', `--severity: expected ${severities.join(', ')}, found "${options.severity}"`)
  if (options.to !== undefined) requireKnown(options.to, configurationFrom(options.config, [], env), options.config)
  const { engine, store } = await openEngine(options, env, progress)
  try {
    const { title, body, to } = options
    const id = `send:${systemChance.id()}`
    const { refused } = await engine.accept([{ type: 'custom', source: 'native', id, atMs: systemClock.nowMs(), announcement: { title, body, severity, to } }])
    if (refused[0] !== undefined) throw new TocsinError('event-invalid', refused[0].why)
    // An announcement's alert has the event's id as its key; other processes may have opened alerts meanwhile.
    const alert = (await store.read.alerts()).find((one) => one.key === id)
    await engine.drain('all', sendMs)
    const deliveries = alert === undefined ? [] : await store.read.deliveriesOf(alert.id)
    const lines = deliveries.map((one) => `${one.channel.padEnd(16)} ${(one.person || shownAddress(one.address)).padEnd(16)} ${one.result ?? one.state}`)
    const undelivered = deliveries.filter((one) => one.state === 'done' && one.result !== 'sent')
    return {
      lines: [...(lines.length === 0 ? ['Nobody is told.'] : lines), ...(alert === undefined ? [] : [`Why: npx tocsin explain alt_${alert.id} --data ${options.data}`])],
      value: { alert: alert?.id, deliveries: deliveries.map((one) => ({ ...one, address: shownAddress(one.address) })) },
      ok: deliveries.length > 0 && undelivered.length === 0,
    }
  } finally {
    await engine.close()
  }
}

/** Names that are shown of those there are. */
const namesShownMax = 20

/** @throws TocsinError `wrong-usage` for the first that means nobody: a slip of the pen would tell fewer than were meant */
function requireKnown(to: readonly string[], { people, teams, rotations }: Config, file: string): void {
  const named = (kind: string, names: readonly string[]): readonly string[] => names.map((name) => `${kind}:${name}`)
  const known = [...Object.keys(people), ...named('team', Object.keys(teams)), ...named('rotation', Object.keys(rotations)), ...named('role', roles)]
  const wrong = to.find((name) => !known.includes(name))
  if (wrong === undefined) return
  const near = known.find((name) => name.endsWith(`:${wrong}`)) ?? nearest(wrong, known)
  const meant = near === undefined ? '' : `, did you mean "${near}"?`
  throw new TocsinError('wrong-usage', `--to: nobody is called "${wrong}" in ${file}${meant}; expected ${known.slice(0, namesShownMax).join(', ')}${known.length > namesShownMax ? ', …' : ''}`)
}
