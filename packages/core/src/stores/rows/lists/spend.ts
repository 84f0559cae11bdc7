import { slotBook, slotKinds, spendSlotMs, type SpendReads, type SpendSlotSum } from '../../../model/spend.ts'
import { whole } from '../whole.ts'
import { Conditions, type ListBackend } from './backend.ts'

const scopesMax = 200
/** Of slots that are read at once. */
const slotScopesMax = 1_000
const crossingsMax = 1_000
const dayMs = 86_400_000

interface SlotRow {
  readonly starts: number | string
  readonly whose: string
  readonly epoch: string
  readonly nano: number | string
  readonly unpriced: number | string
}

/** Sums as people look at them. */
export function spendLists(backend: ListBackend): SpendReads {
  return {
    async spendSlots({ project: name, fromMs, untilMs, scopes, by, stepMs = spendSlotMs }) {
      const project = await backend.project(name)
      const dayEndMs = (Math.floor(fromMs / dayMs) + 1) * dayMs
      if (project === undefined || untilMs <= fromMs) return []
      const these = new Conditions()
        .and('project = ?', project).and('budget = ?', slotBook(fromMs))
        .and('period >= ?', whole(fromMs)).and('period < ?', whole(Math.min(untilMs, dayEndMs)))
        .anyOf('scope', scopes?.slice(0, slotScopesMax).map((one) => backend.key(one)))
      const step = whole(Math.max(spendSlotMs, stepMs))
      const [period, scope] = [by === 'scope' ? '0' : step === spendSlotMs ? 'period' : `period - period % ${step}`, by === 'time' ? "''" : 'scope']
      const rows = await backend.all<SlotRow>(`select ${period} as starts, ${scope} as whose, epoch, sum(nano) as nano, sum(unpriced) as unpriced from @spend where ${these.text} group by 1, 2, 3 order by 1, 2, 3`, these.values)
      const sums: { -readonly [Name in keyof SpendSlotSum]: SpendSlotSum[Name] }[] = []
      let last: SlotRow | undefined
      for (const row of rows) {
        // What is counted of one place stands together.
        if (last?.starts !== row.starts || last.whose !== row.whose) sums.push({ ...(by !== 'scope' && { atMs: Number(row.starts) }), ...(by !== 'time' && { scope: row.whose }), nanoUsd: 0, calls: 0, unpriced: 0 })
        last = row
        const sum = sums.at(-1)
        if (sum === undefined) continue
        if (row.epoch === slotKinds.unpriced) sum.unpriced += Number(row.nano)
        else {
          sum.nanoUsd += Number(row.nano)
          sum.calls += Number(row.unpriced)
        }
      }
      return sums
    },
    async budgetSums({ project: name, budget, epoch, periodStartMs }, groupsMax) {
      const project = await backend.project(name)
      if (project === undefined) return { groups: [], groupsTotal: 0, nanoUsd: 0, unpriced: 0 }
      const values = [project, backend.key(budget), backend.key(epoch), whole(periodStartMs)]
      const these = 'project = ? and budget = ? and epoch = ? and period = ?'
      const groups = await backend.all<{ readonly scope: string; readonly nano: number; readonly unpriced: number }>(
        `select scope, nano, unpriced from @spend where ${these} order by nano desc, scope limit ${Math.min(scopesMax, Math.max(1, Math.floor(groupsMax)))}`, values,
      )
      const [all] = await backend.all<{ readonly groups: number | string; readonly nano: number | string; readonly unpriced: number | string }>(
        `select count(*) as groups, coalesce(sum(nano), 0) as nano, coalesce(sum(unpriced), 0) as unpriced from @spend where ${these}`, values,
      )
      return { groups: groups.map(({ scope, nano, unpriced }) => ({ scope, nanoUsd: nano, unpriced })), groupsTotal: Number(all?.groups ?? 0), nanoUsd: Number(all?.nano ?? 0), unpriced: Number(all?.unpriced ?? 0) }
    },
    async crossings({ project: name, budget, epoch, sinceMs, scopes }) {
      const project = await backend.project(name)
      if (project === undefined) return []
      const these = new Conditions().and('project = ?', project).and('budget = ?', backend.key(budget)).anyOf('scope', scopes.slice(0, scopesMax).map((one) => backend.key(one))).and('period >= ?', whole(sinceMs)).and('epoch = ?', backend.key(epoch))
      const rows = await backend.all<{ readonly scope: string; readonly period: number; readonly threshold: number; readonly at: number }>(`select scope, period, threshold, at from @crossings where ${these.text} order by at, threshold limit ${crossingsMax}`, these.values)
      return rows.map(({ scope, period, threshold, at }) => ({ scope, periodStartMs: period, threshold, atMs: at }))
    },
    async ruleTexts(name, rule, keys) {
      const project = await backend.project(name)
      if (project === undefined || keys.length === 0) return keys.map(() => undefined)
      const asked = keys.map((key) => backend.key(key))
      const these = new Conditions().and('project = ?', project).and('rule = ?', backend.key(rule)).anyOf('key', asked.slice(0, scopesMax))
      const rows = await backend.all<{ readonly key: string; readonly value: string }>(`select key, value from @rule_states where ${these.text}`, these.values)
      const values = new Map(rows.map(({ key, value }) => [key, value]))
      return asked.map((key) => values.get(key))
    },
  }
}
