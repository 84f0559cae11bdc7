import type { RuleKey, RuleState } from '../model/rule-state.ts'
import type { Transaction } from '../model/store.ts'
import { ruleTimer, type BatchRule } from './rule.ts'
import { noDataKey } from './threshold/finding.ts'

/** Rows that are looked at in one go. */
const pageKeys = 1_000
/** After how long it is looked again whether there is something to do, milliseconds: as late a rule wakes that is switched on again. */
const lookMs = 60_000

/**
 * A rule of one's own that is switched off: it hears nothing. So that nothing is made of the time in which it did not listen, it forgets
 * what it has counted, and keeps of what it has learned what is true without that time (`atRest`). An alert that it had open is over.
 */
export function resting(rule: BatchRule): BatchRule {
  const { name } = rule

  async function rest(tx: Transaction, kept: readonly (RuleKey & { readonly value: string })[], nowMs: number): Promise<void> {
    const gone: RuleKey[] = []
    const states: RuleState[] = []
    for (const { value, ...of } of kept) {
      const left = rule.atRest?.(value)
      if (left === undefined) gone.push(of)
      else if (left !== value) states.push({ ...of, value: left, atMs: nowMs })
    }
    if (gone.length > 0) await tx.removeRuleStates(gone)
    if (states.length > 0) await tx.putRuleStates(states)
  }

  return {
    name,
    looksAt: 'batches',
    on: [],
    book: () => ({ add: () => undefined, apply: async () => ({ findings: [], over: [] }) }),
    async begin(tx, project, nowMs) {
      const [whole] = await tx.ruleStates([{ project, rule: name, key: '' }])
      let page: readonly { readonly key: string; readonly value: string }[] = whole === undefined ? [] : [{ key: '', value: whole }]
      for (;;) {
        await rest(tx, page.map(({ key, value }) => ({ project, rule: name, key, value })), nowMs)
        // That its alerts are over is said when these are due.
        if (page.length > 0) await tx.putTimers(page.map(({ key }) => ruleTimer({ project, rule: name, key }, nowMs)))
        const after = page.at(-1)?.key ?? ''
        page = await tx.ruleKeys({ project, rule: name, after, limit: pageKeys })
        if (page.length === 0) return
      }
    },
    async due(tx, timers, nowMs) {
      const keys = timers.map(({ project, key }) => ({ project, rule: name, key })).sort((a, b) => (a.key < b.key ? -1 : 1))
      const kept = (await tx.ruleStates(keys)).flatMap((value, index) => (value === undefined || keys[index] === undefined ? [] : [{ ...keys[index], value }]))
      await rest(tx, kept, nowMs)
      const left = kept.filter(({ value }) => rule.atRest?.(value) !== undefined)
      if (left.length > 0) await tx.putTimers(left.map((of) => ruleTimer(of, nowMs + lookMs)))
      return { findings: [], over: keys.flatMap((of) => [of, { ...of, key: noDataKey(of.key) }]) }
    },
  }
}
