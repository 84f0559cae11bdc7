import type { Attention, Hush } from '../../model/attention.ts'
import { alertOf } from '../rows/alert.ts'
import { present } from '../rows/json.ts'
import type { Projects } from './projects.ts'
import { tables } from '../rows/tables.ts'
import type { HushRow } from '../rows/tables.ts'
import type { Prepare } from './statement.ts'
import type { TellUnreadable } from '../rows/unreadable.ts'
import { whole } from '../rows/whole.ts'

const silencesMax = 1_000

/** What people decided about what they are told: small tables, read by key in the transaction that decides. */
export function attentionKeeper(prepare: Prepare, projects: Projects, tell: TellUnreadable): Attention {
  const findSilences = prepare.select(tables.silences, '*', `where project = ? and until_at > ? order by from_at, id limit ${silencesMax}`)
  const insertSilence = prepare.insert(tables.silences, ['project', 'match', 'from_at', 'until_at', 'author', 'comment'])
  const endSilence = prepare.change('update silences set until_at = ?, from_at = min(from_at, ?) where project = ? and id = ? and until_at > ?')
  const putHush = prepare.put(tables.hushes, ['alert', 'project', 'by', 'since_at', 'until_at'])
  const findHush = prepare.select(tables.hushes, '*', 'where alert = ?')
  const findHushedBy = prepare.select(tables.hushes, '*', 'where project = ? and by = ? and alert > ? order by alert limit ?')
  const findHushers = prepare.select({ ...tables.hushes, qualified: { by: 'distinct by' } }, ['by'], 'where project = ?')
  const removeHush = prepare.change('delete from hushes where alert = ?')
  const findOpen = prepare.select(tables.alerts, '*', "where project = ? and id > ? and state <> 'resolved' order by id limit ?")
  const findQuiet = prepare.select(
    { ...tables.batchItems, from: 'batch_items join alerts on alerts.id = batch_items.alert' },
    ['alert'],
    `where delivery = ? and (state = 'acknowledged' or (ends = 'at-once' and taken_at is not null)
       or exists (select 1 from hushes where hushes.alert = alerts.id and until_at > ?)
       or exists (select 1 from expected where expected.project = alerts.project and expected.rule = alerts.rule and expected.key = alerts.key and until_at > ?))
     order by alert limit ?`,
  )
  const findMembers = prepare.select(tables.alerts, '*', 'where id in (select alert from batch_items where delivery = ? and alert > ? order by alert limit ?) order by id')
  const endedMembers = 'select batch_items.alert from batch_items cross join alerts on alerts.id = batch_items.alert where delivery = ? and batch_items.alert > ?'
  const findEnded = prepare.select(tables.alerts, '*', `where id in (${endedMembers} and alerts.state = 'resolved' and alerts.ends in ('quiet', 'known') order by batch_items.alert limit ?) order by id`)
  const takeOut = prepare.change('delete from batch_items where delivery = ? and alert in (select value from json_each(?))')
  const countOut = prepare.change('update deliveries set items = items - ? where id = ?')
  const insertAction = prepare.insert(tables.actions, ['alert', 'action', 'by', 'via', 'at', 'until_at'])
  const findActions = prepare.select(tables.actions, '*', 'where alert = ? order by id')
  const insertLink = prepare.insert(tables.usedLinks, ['link', 'expires_at'], 'on conflict do nothing')
  const findLink = prepare.select(tables.usedLinks, ['link'], 'where link = ?')
  const findExpected = prepare.select(tables.expected, '*', 'where project = ? and rule = ? and key = ? and until_at > ?')
  const putExpected = prepare.put(tables.expected, ['project', 'rule', 'key', 'by', 'since_at', 'until_at'])
  const findOptOut = prepare.select(tables.optOuts, ['since_at'], 'where project = ? and channel_type = ? and address = ?')
  const insertOptOut = prepare.insert(tables.optOuts, ['project', 'channel_type', 'address', 'since_at'], 'on conflict do nothing')
  const removeOptOut = prepare.change('delete from opt_outs where project = ? and channel_type = ? and address = ?')
  const findHold = prepare.select(tables.holds, '*', 'where project = ?')
  const insertHold = prepare.insert(tables.holds, ['project', 'by', 'since_at'], 'on conflict do nothing')
  const removeHold = prepare.change('delete from holds where project = ?')
  const age = prepare.change('update deliveries set expires_at = expires_at + ? where done_at is null and project = ?')
  const findPace = prepare.select(tables.paces, '*', 'where key = ?')
  const putPace = prepare.put(tables.paces, ['key', 'since_at', 'at', 'count'])
  const removePace = prepare.change('delete from paces where key = ?')

  const hushOf = ({ alert, project, by, since_at, until_at }: HushRow): Hush => ({ alert, project: projects.name(project), by, sinceMs: since_at, untilMs: until_at })

  return {
    async silences(project, nowMs) {
      return findSilences.all(projects.number(project), whole(nowMs)).map(({ id, match, from_at, until_at, author, comment }) => ({ id, project, match, fromMs: from_at, untilMs: until_at, author, comment }))
    },
    async addSilence({ project, match, fromMs, untilMs, author, comment }) {
      return insertSilence.run(projects.number(project), match, whole(fromMs), whole(untilMs), author, comment).id
    },
    async endSilence(project, id, atMs) {
      return endSilence.run(whole(atMs), whole(atMs), projects.number(project), id, whole(atMs)).changes > 0
    },
    async hush(hushes) {
      for (const { alert, project, by, sinceMs, untilMs } of hushes) putHush.run(alert, projects.number(project), by, whole(sinceMs), whole(untilMs))
    },
    async hushes(alerts) {
      return alerts.map((alert) => {
        const row = findHush.get(alert)
        return row && hushOf(row)
      })
    },
    async hushedBy(project, by, after, limit) {
      return findHushedBy.all(projects.number(project), by, after, limit).map(hushOf)
    },
    async unhush(alerts) {
      for (const alert of alerts) removeHush.run(alert)
    },
    async hushers(project) {
      return findHushers.all(projects.number(project)).map(({ by }) => by)
    },
    async quietIn(delivery, nowMs, limit) {
      return findQuiet.all(delivery, whole(nowMs), whole(nowMs), limit).map(({ alert }) => alert)
    },
    async membersOf(delivery, after, limit) {
      return findMembers.all(delivery, after, limit).map((row) => alertOf(row, row.id, projects.name(row.project), tell))
    },
    async endedIn(delivery, after, limit) {
      return findEnded.all(delivery, after, limit).map((row) => alertOf(row, row.id, projects.name(row.project), tell))
    },
    async takeOut(delivery, alerts) {
      countOut.run(takeOut.run(delivery, JSON.stringify(alerts)).changes, delivery)
    },
    async openAlerts(project, after, limit) {
      return findOpen.all(projects.number(project), after, limit).map((row) => alertOf(row, row.id, project, tell))
    },
    async recordAction({ alert, action, by, via, atMs, untilMs }) {
      insertAction.run(alert, action, by, via, whole(atMs), untilMs === undefined ? null : whole(untilMs))
    },
    async actionsOf(alert) {
      return findActions.all(alert).map(({ action, by, via, at, until_at: untilMs }) => ({ alert, action, by, via, atMs: at, ...present({ untilMs }) }))
    },
    async useLink(link, expiresMs) {
      return insertLink.run(link, whole(expiresMs)).changes > 0
    },
    async isLinkUsed(link) {
      return findLink.get(link) !== undefined
    },
    async expected(of, nowMs) {
      return of.map(({ project, rule, key }) => {
        const row = findExpected.get(projects.number(project), rule, key, whole(nowMs))
        return row && { project, rule, key, by: row.by, sinceMs: row.since_at, untilMs: row.until_at }
      })
    },
    async expect({ project, rule, key, by, sinceMs, untilMs }) {
      putExpected.run(projects.number(project), rule, key, by, whole(sinceMs), whole(untilMs))
    },
    async optOuts(of) {
      return of.map(({ project, channelType, address }) => findOptOut.get(projects.number(project), channelType, address)?.since_at)
    },
    async optOut({ project, channelType, address, sinceMs }) {
      insertOptOut.run(projects.number(project), channelType, address, whole(sinceMs))
    },
    async optIn({ project, channelType, address }) {
      removeOptOut.run(projects.number(project), channelType, address)
    },
    async hold(project) {
      const row = findHold.get(projects.number(project))
      return row && { project, by: row.by, sinceMs: row.since_at }
    },
    async putHold({ project, by, sinceMs }) {
      insertHold.run(projects.number(project), by, whole(sinceMs))
    },
    async endHold(project, nowMs) {
      const row = findHold.get(projects.number(project))
      if (row === undefined) return false
      removeHold.run(row.project)
      age.run(Math.max(0, whole(nowMs) - row.since_at), row.project)
      return true
    },
    async paces(keys) {
      return new Map(keys.flatMap((key) => {
        const row = findPace.get(key)
        return row === undefined ? [] : [[key, { sinceMs: row.since_at, atMs: row.at, count: row.count }] as const]
      }))
    },
    async putPaces(paces) {
      for (const { key, sinceMs, atMs, count } of paces) putPace.run(key, whole(sinceMs), whole(atMs), count)
    },
    async removePaces(keys) {
      for (const key of keys) removePace.run(key)
    },
  }
}
