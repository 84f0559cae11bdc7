import type { BadAddress, ChannelPause, Transaction } from '../../model/store.ts'
import { tables } from '../rows/tables.ts'
import type { PauseRow } from '../rows/tables.ts'
import { whole } from '../rows/whole.ts'
import type { Context } from './context.ts'
import { keyText } from './key.ts'
import { change, query, select } from './statement.ts'

const findPauses = select(tables.pauses, '*', 'where project = $1 order by channel')
const putPause = change(
  `insert into @pauses(project, channel, why, cause, since_at, until_at, length_ms, failed_probes, probe) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
   on conflict(project, channel) do update set why = excluded.why, cause = excluded.cause, since_at = excluded.since_at, until_at = excluded.until_at, length_ms = excluded.length_ms,
     failed_probes = excluded.failed_probes, probe = excluded.probe`,
)
const removePause = change('delete from @pauses where project = $1 and channel = $2')
const findHealth = select(tables.channelHealth, '*', 'where project = $1 order by channel')
const putHealth = change(
  `insert into @channel_health(project, channel, since_at, last_at, failures, first_delivery, several) values ($1, $2, $3, $4, $5, $6, $7)
   on conflict(project, channel) do update set since_at = excluded.since_at, last_at = excluded.last_at, failures = excluded.failures, first_delivery = excluded.first_delivery, several = excluded.several`,
)
const removeHealth = change('delete from @channel_health where project = $1 and channel = $2')
const these = '(project, channel, address) in (select * from unnest($1::integer[], $2::text[], $3::text[]))'
const findBad = query<{ readonly project: number; readonly channel: string; readonly address: string; readonly code: string; readonly since_at: number; readonly until_at: number }>(
  `select project, channel, address, code, since_at, until_at from @bad_addresses where ${these} and until_at > $4`,
)
const putBad = change(
  `insert into @bad_addresses(project, channel, address, code, since_at, until_at) values ($1, $2, $3, $4, $5, $6)
   on conflict(project, channel, address) do update set code = excluded.code, since_at = excluded.since_at, until_at = excluded.until_at`,
)
const removeBad = change(`delete from @bad_addresses where ${these}`)

/** Channels that are paused and addresses that do not work. */
export function troubleKeeper({
  sql,
  projects,
  rare,
  wake,
}: Context): Pick<Transaction, 'pauses' | 'pauseChannel' | 'resumeChannel' | 'channelHealth' | 'putChannelHealth' | 'clearChannelHealth' | 'badAddresses' | 'addBadAddress' | 'clearBadAddresses'> {
  const listsOf = async (addresses: readonly Address[]): Promise<readonly [projects: number[], channels: string[], addresses: string[]]> => {
    const numberOf = await projects.numbers(addresses.map(({ project }) => project))
    return [addresses.map(({ project }) => numberOf(project)), addresses.map(({ channel }) => channel), addresses.map(({ address }) => keyText(address))]
  }

  /** Whether anything is known against any address of their projects. */
  const anyBad = async (addresses: readonly Address[]): Promise<boolean> => {
    for (const project of new Set(addresses.map((one) => one.project))) {
      const number = await projects.known(project)
      if (number !== undefined && (await rare.mayHold('bad_addresses', number))) return true
    }
    return false
  }

  return {
    async pauses(project) {
      const number = await projects.known(project)
      return number === undefined || !(await rare.mayHold('pauses', number)) ? [] : (await sql.all(findPauses, number)).map((row) => pauseOf(row, project))
    },
    async pauseChannel({ project, channel, why, cause, sinceMs, untilMs, lengthMs, failedProbes, probe }) {
      rare.puts('pauses')
      await sql.run(putPause, await projects.number(project), channel, why, cause, whole(sinceMs), whole(untilMs), whole(lengthMs), failedProbes, probe ?? null)
    },
    async resumeChannel(project, channel) {
      const number = await projects.known(project)
      if (number !== undefined && (await sql.run(removePause, number, channel)) > 0) wake(project)
    },
    async channelHealth(project) {
      const number = await projects.known(project)
      const rows = number === undefined || !(await rare.mayHold('channel_health', number)) ? [] : await sql.all(findHealth, number)
      return rows.map(({ channel, since_at, last_at, failures, first_delivery, several }) => ({
        project, channel, failingSinceMs: since_at, lastMs: last_at, failures, firstDelivery: first_delivery, areSeveral: several !== 0,
      }))
    },
    async putChannelHealth({ project, channel, failingSinceMs, lastMs, failures, firstDelivery, areSeveral }) {
      rare.puts('channel_health')
      await sql.run(putHealth, await projects.number(project), channel, whole(failingSinceMs), whole(lastMs), failures, firstDelivery, areSeveral ? 1 : 0)
    },
    async clearChannelHealth(project, channel) {
      const number = await projects.known(project)
      if (number !== undefined) await sql.run(removeHealth, number, channel)
    },
    async badAddresses(addresses, nowMs) {
      if (!(await anyBad(addresses))) return addresses.map(() => undefined)
      const lists = await listsOf(addresses)
      const [numbers, channels, texts] = lists
      const found = new Map((await sql.all(findBad, ...lists, whole(nowMs))).map((row) => [JSON.stringify([row.project, row.channel, row.address]), row]))
      return addresses.map(({ project, channel, address }, index): BadAddress | undefined => {
        const row = found.get(JSON.stringify([numbers[index], channels[index], texts[index]]))
        return row && { project, channel, address, code: row.code, sinceMs: row.since_at, untilMs: row.until_at }
      })
    },
    async addBadAddress({ project, channel, address, code, sinceMs, untilMs }) {
      rare.puts('bad_addresses')
      await sql.run(putBad, await projects.number(project), channel, keyText(address), code, whole(sinceMs), whole(untilMs))
    },
    async clearBadAddresses(addresses) {
      if (await anyBad(addresses)) await sql.run(removeBad, ...(await listsOf(addresses)))
    },
  }
}

type Address = Pick<BadAddress, 'project' | 'channel' | 'address'>

function pauseOf({ channel, why, cause, since_at, until_at, length_ms, failed_probes, probe }: PauseRow, project: string): ChannelPause {
  return { project, channel, why, cause, sinceMs: since_at, untilMs: until_at, lengthMs: length_ms, failedProbes: failed_probes, ...(probe !== null && { probe }) }
}
