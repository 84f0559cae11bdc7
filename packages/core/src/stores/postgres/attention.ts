import type { Attention, Hush } from '../../model/attention.ts'
import { alertOf } from '../rows/alert.ts'
import { present } from '../rows/json.ts'
import { lastOf } from '../rows/last-of.ts'
import { tables } from '../rows/tables.ts'
import type { AlertRow, HushRow } from '../rows/tables.ts'
import { whole, wholeOrNull } from '../rows/whole.ts'
import type { Context } from './context.ts'
import { keyText } from './key.ts'
import { paceKeeper } from './paces.ts'
import { byPlace, change, changing, lookup, putLists, select } from './statement.ts'

const silencesMax = 1_000

const findSilences = select(tables.silences, '*', `where project = $1 and until_at > $2 order by from_at, id limit ${silencesMax}`)
const insertSilence = changing('insert into @silences(project, match, from_at, until_at, author, comment) values ($1, $2, $3, $4, $5, $6)', tables.silences, ['id'])
const endSilence = change('update @silences set until_at = $1, from_at = least(from_at, $1) where project = $2 and id = $3 and until_at > $1')

const putHushes = putLists(tables.hushes, ['alert'], { alert: 'bigint', project: 'integer', by: 'text', since_at: 'bigint', until_at: 'bigint' })
const findHushes = lookup(tables.hushes, '*', { alert: 'bigint' })
const findHushedBy = select(tables.hushes, '*', 'where project = $1 and by = $2 and alert > $3 order by alert limit $4')
const findHushers = select({ ...tables.hushes, qualified: { by: 'distinct by' } }, ['by'], 'where project = $1 order by 1')
const removeHushes = change('delete from @hushes where alert = any($1::bigint[])')

const findQuiet = select(
  { ...tables.batchItems, from: '@batch_items join @alerts as alerts on alerts.id = batch_items.alert' },
  ['alert'],
  `where delivery = $1 and (state = 'acknowledged' or (ends = 'at-once' and taken_at is not null)
     or exists (select 1 from @hushes as hush where hush.alert = alerts.id and until_at > $2)
     or exists (select 1 from @expected as awaited where awaited.project = alerts.project and awaited.rule = alerts.rule and awaited.key = alerts.key and until_at > $2))
   order by alert limit $3`,
)
const findMembers = select(tables.alerts, '*', 'where id in (select alert from @batch_items where delivery = $1 and alert > $2 order by alert limit $3) order by id')
const findEnded = select(
  tables.alerts,
  '*',
  `where id in (
     select item.alert from @batch_items as item join @alerts as member on member.id = item.alert
     where item.delivery = $1 and item.alert > $2 and member.state = 'resolved' and member.ends in ('quiet', 'known') order by item.alert limit $3)
   order by id`,
)
const takeOut = change(
  `with gone as (delete from @batch_items where delivery = $1 and alert = any($2::bigint[]) returning 1)
   update @deliveries set items = items - (select count(*) from gone) where id = $1`,
)
const findOpen = select(tables.alerts, '*', "where project = $1 and id > $2 and state <> 'resolved' order by id limit $3")

const insertAction = change('insert into @actions(alert, action, by, via, at, until_at) values ($1, $2, $3, $4, $5, $6)')
const findActions = select(tables.actions, '*', 'where alert = $1 order by id')
const insertLink = change('insert into @used_links(link, expires_at) values ($1, $2) on conflict do nothing')
const findLink = select(tables.usedLinks, ['link'], 'where link = $1')

const findExpected = lookup(tables.expected, '*', { project: 'integer', rule: 'text', key: 'text' }, 'where held.until_at > $4')
const putExpected = putLists(tables.expected, ['project', 'rule', 'key'], { project: 'integer', rule: 'text', key: 'text', by: 'text', since_at: 'bigint', until_at: 'bigint' })
const findOptOuts = lookup(tables.optOuts, ['since_at'], { project: 'integer', channel_type: 'text', address: 'text' })
const insertOptOut = change('insert into @opt_outs(project, channel_type, address, since_at) values ($1, $2, $3, $4) on conflict do nothing')
const removeOptOut = change('delete from @opt_outs where project = $1 and channel_type = $2 and address = $3')

const findHold = select(tables.holds, '*', 'where project = $1')
const insertHold = change('insert into @holds(project, by, since_at) values ($1, $2, $3) on conflict do nothing')
const removeHold = changing('delete from @holds where project = $1', tables.holds, ['since_at'])
const age = change('update @deliveries set expires_at = expires_at + $1 where done_at is null and id in (select id from @due where project = $2)')

/** What people decided about what they are told: small tables, read by key in the transaction that decides. */
export function attentionKeeper(context: Context): Attention {
  const { sql, projects, rare, tell, wake } = context

  const hushesOf = async (rows: readonly HushRow[]): Promise<readonly Hush[]> => {
    const nameOf = await projects.names(rows.map(({ project }) => project))
    return rows.map(({ alert, project, by, since_at, until_at }) => ({ alert, project: nameOf(project), by, sinceMs: since_at, untilMs: until_at }))
  }
  const alertsOf = async (rows: readonly AlertRow[]) => {
    const nameOf = await projects.names(rows.map(({ project }) => project))
    return rows.map((row) => alertOf(row, row.id, nameOf(row.project), tell))
  }

  return {
    ...paceKeeper(context),
    async silences(project, nowMs) {
      const number = await projects.number(project)
      const rows = (await rare.mayHold('silences', number)) ? await sql.all(findSilences, number, whole(nowMs)) : []
      return rows.map(({ id, match, from_at, until_at, author, comment }) => ({ id, project, match, fromMs: from_at, untilMs: until_at, author, comment }))
    },
    async addSilence({ project, match, fromMs, untilMs, author, comment }) {
      rare.puts('silences')
      const row = await sql.get(insertSilence, await projects.number(project), match, whole(fromMs), whole(untilMs), author, comment)
      if (row === undefined) throw new Error('expected a number to come back')
      return row.id
    },
    async endSilence(project, id, atMs) {
      return (await sql.run(endSilence, whole(atMs), await projects.number(project), whole(id))) > 0
    },
    async hush(given) {
      if (given.length === 0) return
      rare.puts('hushes')
      const hushes = lastOf(given, ({ alert }) => String(alert))
      const numberOf = await projects.numbers(hushes.map(({ project }) => project))
      await sql.run(
        putHushes, hushes.map(({ alert }) => alert), hushes.map(({ project }) => numberOf(project)), hushes.map(({ by }) => keyText(by)),
        hushes.map(({ sinceMs }) => whole(sinceMs)), hushes.map(({ untilMs }) => whole(untilMs)),
      )
    },
    async hushes(alerts) {
      if (alerts.length === 0 || !(await rare.mayHush())) return alerts.map(() => undefined)
      const rows = await sql.all(findHushes, alerts)
      const found = await hushesOf(rows)
      const places = byPlace(rows.map(({ place }, index) => ({ place, hush: found[index] })), alerts.length)
      return places.map((one) => one?.hush)
    },
    async hushedBy(project, by, after, limit) {
      return hushesOf(await sql.all(findHushedBy, await projects.number(project), keyText(by), after, limit))
    },
    async unhush(alerts) {
      if (alerts.length > 0) await sql.run(removeHushes, alerts)
    },
    async hushers(project) {
      return (await sql.all(findHushers, await projects.number(project))).map(({ by }) => by)
    },
    async quietIn(delivery, nowMs, limit) {
      return (await sql.all(findQuiet, delivery, whole(nowMs), limit)).map(({ alert }) => alert)
    },
    membersOf: async (delivery, after, limit) => alertsOf(await sql.all(findMembers, delivery, after, limit)),
    endedIn: async (delivery, after, limit) => alertsOf(await sql.all(findEnded, delivery, after, limit)),
    async takeOut(delivery, alerts) {
      if (alerts.length > 0) await sql.run(takeOut, delivery, alerts)
    },
    openAlerts: async (project, after, limit) => alertsOf(await sql.all(findOpen, await projects.number(project), after, limit)),
    async recordAction({ alert, action, by, via, atMs, untilMs }) {
      await sql.run(insertAction, alert, action, by, via, whole(atMs), wholeOrNull(untilMs))
    },
    async actionsOf(alert) {
      return (await sql.all(findActions, alert)).map(({ action, by, via, at, until_at: untilMs }) => ({ alert, action, by, via, atMs: at, ...present({ untilMs }) }))
    },
    async useLink(link, expiresMs) {
      return (await sql.run(insertLink, keyText(link), whole(expiresMs))) > 0
    },
    async isLinkUsed(link) {
      return (await sql.get(findLink, keyText(link))) !== undefined
    },
    async expected(of, nowMs) {
      if (of.length === 0) return []
      const numberOf = await projects.numbers(of.map(({ project }) => project))
      const keys = [of.map(({ project }) => numberOf(project)), of.map(({ rule }) => keyText(rule)), of.map(({ key }) => keyText(key))] as const
      const rows = byPlace(await sql.all(findExpected, ...keys, whole(nowMs)), of.length)
      return of.map(({ project, rule, key }, index) => {
        const row = rows[index]
        return row && { project, rule, key, by: row.by, sinceMs: row.since_at, untilMs: row.until_at }
      })
    },
    async expect({ project, rule, key, by, sinceMs, untilMs }) {
      rare.puts('expected')
      await sql.run(putExpected, [await projects.number(project)], [keyText(rule)], [keyText(key)], [by], [whole(sinceMs)], [whole(untilMs)])
    },
    async optOuts(of) {
      if (of.length === 0) return []
      const numberOf = await projects.numbers(of.map(({ project }) => project))
      const rows = await sql.all(findOptOuts, of.map(({ project }) => numberOf(project)), of.map(({ channelType }) => keyText(channelType)), of.map(({ address }) => keyText(address)))
      return byPlace(rows, of.length).map((row) => row?.since_at)
    },
    async optOut({ project, channelType, address, sinceMs }) {
      await sql.run(insertOptOut, await projects.number(project), keyText(channelType), keyText(address), whole(sinceMs))
    },
    async optIn({ project, channelType, address }) {
      await sql.run(removeOptOut, await projects.number(project), keyText(channelType), keyText(address))
    },
    async hold(project) {
      const number = await projects.number(project)
      const row = (await rare.mayHold('holds', number)) ? await sql.get(findHold, number) : undefined
      return row && { project, by: row.by, sinceMs: row.since_at }
    },
    async putHold({ project, by, sinceMs }) {
      rare.puts('holds')
      await sql.run(insertHold, await projects.number(project), by, whole(sinceMs))
    },
    async endHold(project, nowMs) {
      const number = await projects.number(project)
      const row = await sql.get(removeHold, number)
      if (row === undefined) return false
      await sql.run(age, Math.max(0, whole(nowMs) - row.since_at), number)
      wake(project)
      return true
    },
  }
}
