import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '../../packages/core/src/stores/sqlite.ts'
import { breakNamed } from './breaks.ts'
import { handingChecks } from './handed.ts'
import { Journal } from './journal.ts'
import { monthsLater } from './later.ts'
import type { Counts, Invariant, Violation } from './journal.ts'
import { Host } from './host.ts'
import { Committed } from './observer.ts'
import { People } from './people.ts'
import { Receivers } from './receivers.ts'
import { Sources } from './sources.ts'
import { Troubles } from './troubles.ts'
import { verdict } from './verdict.ts'
import { drained, VirtualTime } from './virtual-time.ts'
import { drawWorld } from './world.ts'

export interface RunOptions {
  /** Name of a planted fault. @default none */
  readonly break?: string
  /** Given every line of the trace. @default nobody */
  readonly print?: (line: string) => void
  /** Keeps the database here. @default a temporary folder that is removed */
  readonly folder?: string
  /** The world ends as soon as this is violated. @default it goes on to its end */
  readonly until?: Invariant
}

export interface Result {
  readonly seed: number
  readonly violations: readonly Violation[]
  readonly counts: Counts
  /** Of everything that happened. */
  readonly digest: string
  readonly tail: readonly string[]
  /** Until the world had come to rest. */
  readonly virtualMs: number
  /** Tasks that ran. */
  readonly steps: number
}

/** When a healed world must have come to rest, milliseconds. */
const restMaxMs = 14 * 86_400_000
const stepsMax = 10_000
/** Nothing is skipped that lies nearer than this. */
const skipMinMs = 1_000
/**
 * A rule that has learned what is usual looks again every ten minutes until it has heard nothing for eight days: more than half of what a world costs.
 * When that alone is left, most machines sleep for so long at a time, milliseconds; one in so many stays awake for all of it.
 */
const napMs = 6 * 3_600_000
const awakeOneIn = 10

/** Lets one seeded world happen and judges it. The same seed gives the same result. */
export async function simulate(seed: number, options: RunOptions = {}): Promise<Result> {
  const folder = options.folder ?? mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tocsin-sim-'))
  try {
    return await simulateIn(folder, seed, options)
  } finally {
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true })
  }
}

async function simulateIn(folder: string, seed: number, options: RunOptions): Promise<Result> {
  const world = drawWorld(seed)
  const time = new VirtualTime(world.startWallMs)
  const journal = new Journal(() => time.elapsedMs, options.print)
  const committed = new Committed()
  const broken = breakNamed(options.break, seed)
  const processes = (): Host['processes'] => host.processes
  const troubles = new Troubles(time, processes)
  const receivers = new Receivers(world, time, journal, handingChecks(journal, committed, troubles, world.config, world.attention))
  const host = new Host({ world, time, journal, committed, troubles, receivers, broken, file: join(folder, 'tocsin.db') })
  const sources = new Sources(world, time, journal, processes)

  journal.note(`world ${seed}: ${world.climate}, ${world.planned.events.length} events, ${world.faults.length} faults, ${world.weather.length} spells of weather, ${new Date(world.startWallMs).toISOString()}`)
  host.start()
  sources.start()
  new People(world, time, journal, processes).start()
  await drained()
  let steps = 0
  const isSeen = (): boolean => journal.violations.some(({ invariant }) => invariant === options.until)
  const isOver = (): boolean => time.elapsedMs > world.activeMs && sources.areDone && host.isHealed
  while (time.nextMs !== undefined && time.elapsedMs < restMaxMs && steps < stepsMax) {
    await time.runNext()
    host.checkBounds()
    steps += 1
    if (isSeen()) break
    const idleUntilMs = await host.idleUntilMs()
    if (idleUntilMs === undefined) continue
    if (idleUntilMs === Infinity && isOver()) break
    const untilMs = idleUntilMs < Infinity && seed % awakeOneIn !== 0 && isOver() && (await host.onlyLearns()) ? Math.max(idleUntilMs, time.elapsedMs + napMs) : idleUntilMs
    if (untilMs < Infinity && untilMs - time.elapsedMs > skipMinMs) time.skipTo(untilMs)
  }
  const resultOf = (restedMs: number): Result => ({ seed, violations: journal.violations, counts: journal.counts, digest: journal.finish(), tail: journal.tail, virtualMs: restedMs, steps })
  if (isSeen()) {
    await host.end()
    return resultOf(time.elapsedMs)
  }
  const isQuiet = steps < stepsMax && time.elapsedMs < restMaxMs
  const restedMs = time.elapsedMs
  journal.check('everything-settles', isQuiet, () => `the world did not come to rest in ${steps} steps and ${Math.round(time.elapsedMs / 60_000)} min`)
  if (!isQuiet) await host.end()
  const store = openSqliteStore({ file: host.file, clock: { nowMs: () => time.wallMs, monotonicMs: () => time.elapsedMs, after: (ms, task) => time.after(ms, task) }, durability: 'normal' })
  await verdict({ world, journal, store, sources, receivers, committed, notices: host.notices, isQuiet, file: host.file })
  await store.close()
  if (isQuiet) {
    if (!isSeen()) await monthsLater({ time, journal, host, sources, committed })
    await host.end()
  }
  return resultOf(restedMs)
}
