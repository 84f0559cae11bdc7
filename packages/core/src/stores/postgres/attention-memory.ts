import type { Attention, Expected, Hush, Silence } from '../../model/attention.ts'
import { tables } from '../rows/tables.ts'
import { whole } from '../rows/whole.ts'
import type { Context } from './context.ts'
import { keyText } from './key.ts'
import { select } from './statement.ts'

/** What is expected in a project is read whole up to so many; beyond it each is asked for. */
const expectedMost = 500

const findAllExpected = select(tables.expected, '*', `where project = $1 and until_at > $2 limit ${expectedMost + 1}`)

/**
 * Remembers for one transaction what is asked about every delivery and every alert in turn: silences, what is expected, what hushes an alert. Nobody else
 * writes to them meanwhile; what this transaction writes is asked for anew. A claim of a hundred asks once and not a hundred times.
 */
export function rememberingAttention({ sql, projects, rare }: Pick<Context, 'sql' | 'projects' | 'rare'>, attention: Attention): Attention {
  const silences = new Map<string, readonly Silence[]>()
  const hushes = new Map<number, Hush | undefined>()
  /** By project and time; absent in it: there is too much to know it all. */
  const expected = new Map<string, ReadonlyMap<string, Expected> | undefined>()

  const allExpected = async (project: string, nowMs: number): Promise<ReadonlyMap<string, Expected> | undefined> => {
    const place = `${nowMs} ${project}`
    if (!expected.has(place)) {
      const number = await projects.number(project)
      const rows = (await rare.mayHold('expected', number)) ? await sql.all(findAllExpected, number, whole(nowMs)) : []
      const known = new Map(rows.map(({ rule, key, by, since_at, until_at }) => [placeOf(rule, key), { project, rule, key, by, sinceMs: since_at, untilMs: until_at }]))
      expected.set(place, rows.length > expectedMost ? undefined : known)
    }
    return expected.get(place)
  }

  return {
    ...attention,
    async silences(project, nowMs) {
      const place = `${nowMs} ${project}`
      const known = silences.get(place) ?? (await attention.silences(project, nowMs))
      silences.set(place, known)
      return known
    },
    async addSilence(silence) {
      const id = await attention.addSilence(silence)
      silences.clear()
      return id
    },
    async endSilence(...which) {
      const isEnded = await attention.endSilence(...which)
      silences.clear()
      return isEnded
    },
    async hushes(alerts) {
      if (!(await rare.mayHush())) return alerts.map(() => undefined)
      const unknown = [...new Set(alerts)].filter((alert) => !hushes.has(alert))
      const found = unknown.length === 0 ? [] : await attention.hushes(unknown)
      for (const [index, alert] of unknown.entries()) hushes.set(alert, found[index])
      return alerts.map((alert) => hushes.get(alert))
    },
    async hush(given) {
      await attention.hush(given)
      for (const { alert } of given) hushes.delete(alert)
    },
    async unhush(alerts) {
      await attention.unhush(alerts)
      for (const alert of alerts) hushes.delete(alert)
    },
    async expected(of, nowMs) {
      const [first] = of
      const all = first === undefined || of.some(({ project }) => project !== first.project) ? undefined : await allExpected(first.project, nowMs)
      if (all === undefined) return attention.expected(of, nowMs)
      if (all.size === 0) return of.map(() => undefined)
      return of.map(({ project, rule, key }) => {
        const known = all.get(placeOf(keyText(rule), keyText(key)))
        return known && { ...known, project, rule, key }
      })
    },
    async expect(one) {
      await attention.expect(one)
      expected.clear()
    },
  }
}

function placeOf(rule: string, key: string): string {
  return JSON.stringify([rule, key])
}
