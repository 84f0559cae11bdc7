import { useCallback } from 'react'
import { useChanged, type Answer, type Item } from '../../api/ask'
import { api } from '../../api/client'
import { useMay, useOwnName, useRole, useWhomToAsk } from '../../api/me'
import { useAmounts } from '../../parts/amounts'
import { said } from '../../parts/said'
import { useTell } from '../../parts/toasts'
import { useSay } from '../../words/say'
import { sentences } from '../../words/sentences'

export type Alert = Item<'/api/v1/alerts'>
type WholeAlert = Answer<'/api/v1/alerts/{id}'>
export type AlertAct = WholeAlert['may'][number]
type Acted = NonNullable<Awaited<ReturnType<typeof send>>>['results'][number]

/** What is shown before the server says so, and how to put it back. */
export type Optimistic = (ids: ReadonlySet<string>, change: (alert: Alert) => Alert) => () => void

/** What takes it back. An end has none: those who were told of the alert are told of it at once. */
const undone: Readonly<Partial<Record<AlertAct, AlertAct>>> = { acknowledge: 'unacknowledge', unacknowledge: 'acknowledge', snooze: 'unsnooze', expected: 'unexpected', 'not-useful': 'useful', useful: 'not-useful' }
/** In one request; the server takes no more. */
const atOnceMax = 1_000

async function send(action: AlertAct, alerts: readonly string[], forMs: number | undefined) {
  const { data } = await api.POST('/api/v1/alerts/actions', { body: { action, alerts: [...alerts], ...(forMs !== undefined && { forMs }) } })
  return data
}

/**
 * What people do about alerts: shown at once, told with a way back where there is one, put back where the server refuses.
 *
 * @example const act = useAlertActs(pages.change); act('acknowledge', ['alt_51'])
 */
export function useAlertActs(optimistic: Optimistic): (action: AlertAct, ids: readonly string[], forMs?: number) => void {
  const say = useSay()
  const { tell } = useTell()
  const { time } = useAmounts()
  const changed = useChanged()
  const name = useOwnName()
  return useCallback(
    (action, ids, forMs) => {
      const run = async (doing: AlertAct, of: readonly string[]): Promise<void> => {
        const restore = optimistic(new Set(of), (alert) => after(alert, doing, name))
        try {
          const results: Acted[] = []
          for (let from = 0; from < of.length; from += atOnceMax) results.push(...((await send(doing, of.slice(from, from + atOnceMax), doing === action ? forMs : undefined))?.results ?? []))
          const done = results.filter(({ result }) => result === 'done').map(({ alert }) => alert)
          if (done.length < of.length) {
            restore()
            optimistic(new Set(done), (alert) => after(alert, doing, name))
          }
          const back = undone[doing]
          tell({ text: inWords(doing, results), isBad: done.length === 0, ...(back !== undefined && done.length > 0 && { undo: () => void run(back, done) }) })
        } catch (error) {
          restore()
          tell({ text: say('alerts.not-done', { why: said(error) }), isBad: true })
        }
        await changed('/api/v1/alerts/{id}', '/api/v1/overview')
      }
      const inWords = (doing: AlertAct, results: readonly Acted[]): string => {
        const of = (result: Acted['result']): readonly Acted[] => results.filter((one) => one.result === result)
        const done = of('done')
        const until = done[0]?.untilMs
        const by = of('already')[0]?.by
        return sentences(
          done.length === 0 ? '' : say(`alerts.done-${doing}`, { count: done.length, until: until === undefined ? 'none' : time(until) }),
          of('already').length === 0 ? '' : say('alerts.was-already', { count: of('already').length, by: by ?? 'none' }),
          of('not-learning').length === 0 ? '' : say('alerts.was-not-learning', { count: of('not-learning').length }),
          of('over').length === 0 ? '' : say('alerts.was-over', { count: of('over').length }),
          of('forbidden').length === 0 ? '' : say('alerts.was-forbidden', { count: of('forbidden').length }),
          of('unknown').length === 0 ? '' : say('alerts.was-unknown', { count: of('unknown').length }),
        )
      }
      if (ids.length > 0) void run(action, ids)
    },
    [say, tell, time, name, changed, optimistic],
  )
}

/** What the server will most likely answer; what it does answer holds. */
function after(alert: Alert, action: AlertAct, by: string): Alert {
  const isNews = alert.ends === 'at-once'
  const { taken: _taken, ...rest } = alert
  switch (action) {
    case 'acknowledge':
      return alert.taken !== undefined || (alert.state === 'resolved' && !isNews) ? alert : { ...alert, taken: { by, atMs: Date.now() }, ...(!isNews && { state: 'acknowledged' }) }
    case 'unacknowledge':
      return { ...rest, ...(alert.state === 'acknowledged' && { state: 'firing' }) }
    case 'unexpected':
      return alert.taken?.by === by && alert.state === 'acknowledged' ? { ...rest, state: 'firing' } : alert
    case 'expected':
      return alert.state === 'firing' ? { ...alert, taken: { by, atMs: Date.now() }, state: 'acknowledged' } : alert
    case 'resolve':
      return alert.state === 'resolved' ? alert : { ...alert, state: 'resolved', resolvedAtMs: Date.now() }
    case 'snooze':
    case 'unsnooze':
    case 'not-useful':
    case 'useful':
      return alert
  }
}

/** Why the reader may do nothing about alerts; `undefined`: they may. Of a single one the server says it too. */
export function useActReason(): string | undefined {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const who = useWhomToAsk()
  return may('alerts:act') ? undefined : say('alerts.role-may-not', { role: say(`role.${role ?? 'viewer'}`), who })
}
