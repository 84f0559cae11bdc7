import { userInfo } from 'node:os'
import { configurationFrom } from '../configuration.ts'
import { stripInvisible } from '../delivery/neutralise.ts'
import type { Config } from '../model/config.ts'
import type { Silence } from '../model/attention.ts'
import { systemClock } from '../model/clock.ts'
import { parseDuration } from '../model/duration.ts'
import { TocsinError } from '../model/error.ts'
import type { Store } from '../model/store.ts'
import { compileCondition } from '../rules/view.ts'
import { addSilence, endSilence } from '../routing/silences/begin.ts'
import { bySilence, conditionTest } from '../routing/silences/silences.ts'
import { openExistingStore } from './open-engine.ts'
import type { Report } from './report.ts'
import { previewLines, previewSilence, previewWarnings } from '../silence-preview.ts'

interface Options {
  readonly config: string
  readonly data: string
  readonly locale: string
  readonly timezone: string
}

export interface NewSilence extends Options {
  readonly match: string
  readonly for?: string
  readonly until?: string
  readonly from?: string
  readonly comment: string
  readonly author?: string
}

const dayMs = 86_400_000
/** So many of a store are asked: see `Attention.silences`. */
const silencesMax = 1_000
const commentCharsMax = 500
const authorCharsMax = 200

/** Silences what matches, in all processes on this folder, and shows what that would have hidden of the last day. */
export async function silenceAdd(options: NewSilence, env: NodeJS.ProcessEnv, progress: (text: string) => void): Promise<Report> {
  const test = conditionOf(options.match)
  const nowMs = systemClock.nowMs()
  const { fromMs, untilMs } = timesOf(options, nowMs)
  const comment = textOf('--comment', options.comment, commentCharsMax)
  const author = textOf('--author', options.author ?? userInfo().username, authorCharsMax)
  return withStore(options, env, progress, async (store, { project }) => {
    const preview = await previewSilence(store.read, project, test, nowMs - dayMs, options)
    const id = await store.transaction(async (tx) => {
      if ((await tx.silences(project, nowMs)).length >= silencesMax) throw new TocsinError('wrong-usage', `there are ${silencesMax} silences already, and no more are asked; end one of them first: npx tocsin silence list`)
      return addSilence(tx, { project, match: options.match, fromMs, untilMs, author, comment })
    }, { project })
    const warnings = previewWarnings(preview, options.match).map(({ en }) => en)
    const begins = fromMs > nowMs ? ` from ${timeIn(fromMs, options.timezone)}` : ''
    return {
      lines: [
        `${bySilence({ id })} holds${begins} until ${timeIn(untilMs, options.timezone)}. To end it: npx tocsin silence end ${id}`,
        ...warnings.map((warning) => `Look at it again: ${warning}.`),
        ...previewLines(preview, dayMs, options.timezone),
      ],
      value: { id, project, match: options.match, fromMs, untilMs, author, comment, warnings, preview },
      ok: true,
    }
  })
}

/** What is silenced now or will be, by the configuration and by commands. */
export async function silenceList(options: Options, env: NodeJS.ProcessEnv, progress: (text: string) => void): Promise<Report> {
  return withStore(options, env, progress, async (store, { project, silences, maintenance, defaults }) => {
    const nowMs = systemClock.nowMs()
    const rows = await store.transaction((tx) => tx.silences(project, nowMs), { project })
    const configured = silences.filter(({ until }) => until > nowMs)
    const time = (atMs: number): string => timeIn(atMs, options.timezone)
    const line = (name: string, fromMs: number | undefined, { untilMs, author, comment, match }: Pick<Silence, 'untilMs' | 'author' | 'comment' | 'match'>): readonly string[] => [
      `${name}: ${fromMs === undefined || fromMs <= nowMs ? 'holds' : `begins ${time(fromMs)} and lasts`} until ${time(untilMs)}, by ${single(author)}: ${single(comment)}`,
      `    ${single(match)}`,
    ]
    const lines = [
      ...rows.flatMap((row) => line(bySilence(row), row.fromMs, row)),
      ...configured.flatMap(({ name, from, until, ...rest }) => line(`silence ${name} of ${options.config}`, from, { ...rest, untilMs: until })),
      ...maintenance.flatMap(({ name, days, hours, timezone, match }) => [`maintenance ${name} of ${options.config}: ${days.join(', ')} ${hours} ${timezone ?? defaults.timezone}`, `    ${match}`]),
    ]
    return { lines: lines.length === 0 ? ['Nothing is silenced.'] : lines, value: { project, silences: rows, configured, maintenance }, ok: true }
  })
}

/** What somebody wrote takes one line and moves nothing in the terminal. */
const single = (text: string): string => stripInvisible(text, { lines: 'single' })

/** Ends a silence now; what it hushed and still fires is told at once. */
export async function silenceEnd(id: string, options: Options, env: NodeJS.ProcessEnv, progress: (text: string) => void): Promise<Report> {
  const number = /^(?:silence#)?(\d{1,15})$/.exec(id)?.[1]
  return withStore(options, env, progress, async (store, { project, silences }) => {
    if (number === undefined) {
      if (silences.some(({ name }) => name === id)) throw new TocsinError('wrong-usage', `silence ${id} stands in ${options.config}: remove it there, or change its end, and start the product anew`)
      throw new TocsinError('wrong-usage', `expected the number of a silence, such as 12, found "${id}"; npx tocsin silence list shows them`)
    }
    const isEnded = await store.transaction((tx) => endSilence(tx, project, Number(number), systemClock.nowMs()), { project })
    if (!isEnded) throw new TocsinError('wrong-usage', `silence#${number} is not there, or is over; npx tocsin silence list shows those that are not`)
    return { lines: [`silence#${number} is over. What it hushed and still fires is told now.`], value: { id: Number(number), project, ended: true }, ok: true }
  })
}

/** What a silence would have hidden. Changes nothing. */
export async function silencePreview(options: Options & { readonly match: string; readonly since: string }, env: NodeJS.ProcessEnv, progress: (text: string) => void): Promise<Report> {
  const test = conditionOf(options.match)
  const sinceMs = durationOf('--since', options.since)
  return withStore(options, env, progress, async (store, { project }) => {
    const preview = await previewSilence(store.read, project, test, systemClock.nowMs() - sinceMs, options)
    const warnings = previewWarnings(preview, options.match).map(({ en }) => en)
    return { lines: [...previewLines(preview, sinceMs, options.timezone), ...warnings.map((warning) => `Look at it again: ${warning}.`)], value: { project, match: options.match, warnings, ...preview }, ok: true }
  })
}

async function withStore(options: Options, env: NodeJS.ProcessEnv, progress: (text: string) => void, work: (store: Store, config: Config) => Promise<Report>): Promise<Report> {
  if (options.locale !== 'en' && options.locale !== 'zh-CN') throw new TocsinError('wrong-usage', `--locale: expected en or zh-CN, found "${options.locale}"`)
  timeIn(0, options.timezone)
  const config = configurationFrom(options.config, [], env)
  const store = await openExistingStore(options.data, progress)
  try {
    return await work(store, config)
  } finally {
    await store.close()
  }
}

/** @throws TocsinError `wrong-usage` that names what is wrong with it */
function conditionOf(match: string): (alert: Parameters<NonNullable<ReturnType<typeof conditionTest>>>[0]) => boolean {
  const condition = compileCondition(match, 'alert')
  const test = conditionTest(match)
  if (!condition.ok || test === undefined) throw new TocsinError('wrong-usage', `--match: ${condition.ok ? 'cannot be read' : condition.problem}`)
  return test
}

function timesOf({ for: lasts, until, from }: Pick<NewSilence, 'for' | 'until' | 'from'>, nowMs: number): { readonly fromMs: number; readonly untilMs: number } {
  if ((lasts === undefined) === (until === undefined)) throw new TocsinError('wrong-usage', 'expected --for, such as --for 2h, or --until, such as --until 2026-11-22T18:00:00Z')
  const fromMs = from === undefined ? nowMs : instantOf('--from', from)
  const untilMs = lasts === undefined ? instantOf('--until', until ?? '') : fromMs + durationOf('--for', lasts)
  if (untilMs <= fromMs) throw new TocsinError('wrong-usage', `expected an end after its beginning, found ${new Date(fromMs).toISOString()} to ${new Date(untilMs).toISOString()}`)
  if (untilMs <= nowMs) throw new TocsinError('wrong-usage', `expected an end in the future, found ${new Date(untilMs).toISOString()}, which is over`)
  return { fromMs, untilMs }
}

function durationOf(option: string, text: string): number {
  const durationMs = parseDuration(text)
  if (durationMs === undefined || durationMs === 0) throw new TocsinError('wrong-usage', `${option}: expected a duration such as 30m, 2h or 7d, found "${text}"`)
  return durationMs
}

/** Its zone is written with it, because a command is copied to many places. */
function instantOf(option: string, text: string): number {
  const atMs = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(atMs)) throw new TocsinError('wrong-usage', `${option}: expected a time with its zone, such as 2026-11-22T14:00:00+01:00 or 2026-11-22T13:00:00Z, found "${text}"`)
  return atMs
}

function textOf(option: string, text: string, charsMax: number): string {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed.length > charsMax) throw new TocsinError('wrong-usage', `${option}: expected 1 to ${charsMax} characters, found ${trimmed.length}`)
  return trimmed
}

function timeIn(atMs: number, timezone: string): string {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: timezone, day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit', timeZoneName: 'short' }).format(atMs)
  } catch (unknownZone) {
    if (unknownZone instanceof RangeError) throw new TocsinError('wrong-usage', `--timezone: expected a time zone such as Europe/Berlin, found "${timezone}"`, { cause: unknownZone })
    throw unknownZone
  }
}
