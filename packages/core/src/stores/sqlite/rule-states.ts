import type { RuleKey } from '../../model/rule-state.ts'
import type { Transaction } from '../../model/store.ts'
import type { Projects } from './projects.ts'
import type { RecentRows } from './recent-rows.ts'
import { tables } from '../rows/tables.ts'
import type { Source } from '../rows/source.ts'
import type { Prepare } from './statement.ts'
import { whole } from '../rows/whole.ts'

/** What rules keep between events: texts that the store does not look into. */
export function ruleStateWriter(
  prepare: Prepare,
  projects: Projects,
  recent: RecentRows<string>,
): Pick<Transaction, 'ruleStates' | 'putRuleStates' | 'removeRuleStates' | 'ruleKeys' | 'countRuleKeys'> {
  const find = prepare.select(tables.ruleStates, ['value'], 'where project = ? and rule = ? and key = ?')
  const put = prepare.put(tables.ruleStates, ['project', 'rule', 'key', 'value', 'at'])
  const remove = prepare.change('delete from rule_states where project = ? and rule = ? and key = ?')
  const list = prepare.select(tables.ruleStates, ['key', 'value'], 'where project = ? and rule = ? and key > ? order by key limit ?')
  // Stops counting at the limit: a rule may have very many keys.
  const some: Source<{ n: number }> = { from: '(select 1 from rule_states where project = ? and rule = ? limit ?)', qualified: { n: 'count(*)' } }
  const count = prepare.select(some, ['n'])

  return {
    async ruleStates(of) {
      return of.map((one) => {
        const place = placeOf(one)
        const kept = recent.get(place)
        if (kept !== undefined) return kept
        const { project, rule, key } = one
        const number = projects.known(project)
        const value = number === undefined ? undefined : find.get(number, rule, key)?.value
        if (value !== undefined) recent.put(place, value)
        return value
      })
    },
    async putRuleStates(states) {
      for (const state of states) {
        const { project, rule, key, value, atMs } = state
        put.run(projects.number(project), rule, key, value, whole(atMs))
        recent.put(placeOf(state), value)
      }
    },
    async removeRuleStates(of) {
      for (const one of of) {
        remove.run(projects.number(one.project), one.rule, one.key)
        recent.forget(placeOf(one))
      }
    },
    async ruleKeys({ project, rule, after, limit }) {
      const number = projects.known(project)
      return number === undefined ? [] : list.all(number, rule, after, limit)
    },
    async countRuleKeys({ project, rule, most }) {
      const number = projects.known(project)
      return number === undefined ? 0 : (count.get(number, rule, most)?.n ?? 0)
    },
  }
}

function placeOf({ project, rule, key }: RuleKey): string {
  return `${rule}\u0000${project}\u0000${key}`
}
