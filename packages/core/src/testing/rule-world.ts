import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AlertChange } from '../model/alert.ts'
import { configSchema, type ConfigInput } from '../model/config.ts'
import type { Event } from '../model/event.ts'
import { applyNews } from '../rules/alerts.ts'
import { createDetector } from '../rules/detect.ts'
import { ruleTimerKind } from '../rules/rule.ts'
import { builtInRuleNames } from '../rules/rules-of.ts'
import type { Store } from '../model/store.ts'
import { openSqliteStore } from '../stores/sqlite.ts'
import { manualClock } from './manual-clock.ts'

/** Where the time of these worlds begins. */
export const ruleWorldStartMs = Date.UTC(2026, 10, 22, 12)

/** Rules over a store, without routes and channels: time is an argument. */
export interface RuleWorld {
  readonly store: Store
  /** What the rules said so far, each as `12:03:10 opened slow-p95 gpt-5`, with the time of day. */
  readonly told: readonly string[]
  readonly changes: readonly AlertChange[]
  /** Fires what is due until then, each timer at its time; then commits the events in one batch. */
  accept(events: readonly Event[], nowMs: number): Promise<void>
  /** Fires what is due until then, each timer at its time. */
  until(nowMs: number): Promise<void>
  /** The same store with other settings, as after a restart or in a second process. */
  again(config: ConfigInput): RuleWorld
}

/** @param rules as under `rules:`; the built-in ones are off */
export function ruleWorld(rules: ConfigInput['rules'], from?: RuleWorld): RuleWorld {
  const store = from?.store ?? newStore()
  const config = configSchema.parse({ rules: { ...quiet, ...rules } })
  const detector = createDetector(config)
  const told: string[] = []
  const changes: AlertChange[] = []
  let hasBegun = false

  function keep(some: readonly AlertChange[], nowMs: number): void {
    for (const change of some) {
      changes.push(change)
      told.push(`${new Date(nowMs).toISOString().slice(11, 19)} ${change.change} ${change.alert.rule}${change.alert.key === '' ? '' : ` ${change.alert.key}`}`)
    }
  }

  const world: RuleWorld = {
    store,
    told,
    changes,
    again: (other) => ruleWorld(other.rules, world),
    async accept(events, nowMs) {
      await world.until(nowMs)
      await store.transaction(async (tx) => keep(await applyNews(tx, await detector.detect(tx, events, nowMs), nowMs), nowMs))
    },
    async until(nowMs) {
      if (!hasBegun) await store.transaction((tx) => detector.begin(tx, nowMs))
      hasBegun = true
      // Bounded: each round takes one timer away, and those that are put lie in the future.
      for (;;) {
        const isDone = await store.transaction(async (tx) => {
          const [timer] = (await tx.dueTimers(config.project, nowMs, 200)).filter(({ kind }) => kind === ruleTimerKind).toSorted((a, b) => a.dueMs - b.dueMs)
          if (timer === undefined) return true
          await tx.removeTimers([timer])
          keep(await applyNews(tx, await detector.due(tx, [timer], timer.dueMs), timer.dueMs), timer.dueMs)
          return false
        })
        if (isDone) return
      }
    },
  }
  return world
}

const quiet: ConfigInput['rules'] = Object.fromEntries(builtInRuleNames.map((name) => [name, false]))

const folders: { readonly folder: string; readonly store: Store }[] = []

function newStore(): Store {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-rule-world-'))
  const store = openSqliteStore({ file: join(folder, 'tocsin.db'), clock: manualClock(ruleWorldStartMs), durability: 'normal' })
  folders.push({ folder, store })
  return store
}

/** Closes every store that was opened and removes its files. */
export async function closeRuleWorlds(): Promise<void> {
  for (const { folder, store } of folders.splice(0)) {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
