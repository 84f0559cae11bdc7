import type { RuleKey } from '../../model/rule-state.ts'
import type { Transaction } from '../../model/store.ts'
import { lastOf } from '../rows/last-of.ts'
import { tables } from '../rows/tables.ts'
import { whole } from '../rows/whole.ts'
import type { Context } from './context.ts'
import { keyText } from './key.ts'
import { byPlace, change, lookup, putLists, query, select } from './statement.ts'

const find = lookup(tables.ruleStates, ['value'], { project: 'integer', rule: 'text', key: 'text' })
const put = putLists(tables.ruleStates, ['project', 'rule', 'key'], { project: 'integer', rule: 'text', key: 'text', value: 'text', at: 'bigint' })
const remove = change(
  `delete from @rule_states as state using unnest($1::integer[], $2::text[], $3::text[]) as over(project, rule, key)
   where state.project = over.project and state.rule = over.rule and state.key = over.key`,
)
const list = select(tables.ruleStates, ['key', 'value'], 'where project = $1 and rule = $2 and key > $3 order by key limit $4')
// Stops counting at the limit: a rule may have very many keys.
const count = query<{ n: number }>('select count(*) as n from (select 1 from @rule_states where project = $1 and rule = $2 limit $3) as counted')

/** What rules keep between events: texts that the store does not look into. */
export function ruleStateWriter({ sql, projects }: Context): Pick<Transaction, 'ruleStates' | 'putRuleStates' | 'removeRuleStates' | 'ruleKeys' | 'countRuleKeys'> {
  const keysOf = async (of: readonly RuleKey[]): Promise<readonly [number[], string[], string[]]> => {
    const numberOf = await projects.numbers(of.map(({ project }) => project))
    return [of.map(({ project }) => numberOf(project)), of.map(({ rule }) => keyText(rule)), of.map(({ key }) => keyText(key))]
  }

  return {
    async ruleStates(of) {
      if (of.length === 0) return []
      return byPlace(await sql.all(find, ...(await keysOf(of))), of.length).map((row) => row?.value)
    },
    async putRuleStates(given) {
      if (given.length === 0) return
      const states = lastOf(given, ({ project, rule, key }) => JSON.stringify([project, keyText(rule), keyText(key)]))
      await sql.run(put, ...(await keysOf(states)), states.map(({ value }) => value), states.map(({ atMs }) => whole(atMs)))
    },
    async removeRuleStates(of) {
      if (of.length > 0) await sql.run(remove, ...(await keysOf(of)))
    },
    async ruleKeys({ project, rule, after, limit }) {
      const number = await projects.known(project)
      return number === undefined ? [] : sql.all(list, number, keyText(rule), keyText(after), limit)
    },
    async countRuleKeys({ project, rule, most }) {
      const number = await projects.known(project)
      return number === undefined ? 0 : ((await sql.get(count, number, keyText(rule), most))?.n ?? 0)
    },
  }
}
