import type { Transaction } from '../../model/store.ts'
import type { Projects } from './projects.ts'
import { tables } from './schema.ts'
import type { Prepare, Source } from './statement.ts'
import { whole } from './whole.ts'

/** What rules keep between events: texts that the store does not look into. */
export function ruleStateWriter(
  prepare: Prepare,
  projects: Projects,
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
      return of.map(({ project, rule, key }) => {
        const number = projects.known(project)
        return number === undefined ? undefined : find.get(number, rule, key)?.value
      })
    },
    async putRuleStates(states) {
      for (const { project, rule, key, value, atMs } of states) put.run(projects.number(project), rule, key, value, whole(atMs))
    },
    async removeRuleStates(of) {
      for (const { project, rule, key } of of) remove.run(projects.number(project), rule, key)
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
