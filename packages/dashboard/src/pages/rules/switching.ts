import { useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { useChanged } from '../../api/ask'
import { useProject } from '../../app/project'
import { putEntry, removeEntry } from '../../parts/entry-calls'
import { said } from '../../parts/said'
import type { SeverityName } from '../../parts/severity'
import { useTell } from '../../parts/toasts'
import { useSay } from '../../words/say'
import { ownRule, type RuleEntry, type RuleRow } from './rule-rows'
import type { BuiltInValue, OwnRule } from './rule-value'
import { sentences } from '../../words/sentences'

/** What a row shows of a rule until the server has said it. */
type Shown = Pick<RuleRow, 'isOn' | 'severity'>

interface Switching {
  readonly underWay: ReadonlyMap<string, Shown>
  readonly turn: (row: RuleRow, isOn: boolean) => void
  readonly grade: (row: RuleRow, severity: SeverityName) => void
}

/** What the server keeps of a rule. */
interface Kept {
  readonly etag: string
  readonly value: unknown
}

/** What is wanted of a rule and not sent yet. */
interface Wish {
  readonly isOn?: boolean
  readonly severity?: SeverityName
}

/**
 * Switches rules and grades them from the list: shown at once, taken back where the server refuses, undone by `u`.
 *
 * Of one rule one change is under way at a time, so that nobody is in their own way: what is pressed meanwhile waits, the last of it is what
 * counts, and it is made in what the one before has left.
 */
export function useSwitching(): Switching {
  const say = useSay()
  const teller = useTell()
  const changed = useChanged()
  const project = useProject()
  const client = useQueryClient()
  const [underWay, setUnderWay] = useState<ReadonlyMap<string, Shown>>(new Map())
  const wishes = useRef(new Map<string, Wish>())
  const sending = useRef(new Set<string>())
  const last = useRef(new Map<string, Promise<void>>())
  const refresh = async (): Promise<void> => changed('/api/v1/rules', '/api/v1/built-in-rules')

  /** As it was read last, which may be newer than the row that was pressed. */
  const kept = ({ name, entry }: RuleRow): RuleEntry | undefined => {
    const lists = client.getQueriesData<{ readonly items?: readonly RuleEntry[] }>({ predicate: ({ queryKey: [path, of] }) => path === '/api/v1/rules' && of === project })
    const list = lists.find(([, data]) => data?.items !== undefined)?.[1]
    return list?.items === undefined ? entry : list.items.find((one) => one.name === name)
  }

  const ask = (row: RuleRow, wish: Wish): void => {
    const { name } = row
    wishes.current.set(name, { ...wishes.current.get(name), ...wish })
    setUnderWay((before) => new Map(before).set(name, { isOn: row.isOn, severity: row.severity, ...before.get(name), ...wish }))
    if (sending.current.has(name)) return
    sending.current.add(name)
    inTurn(name, async () => send(row))
  }

  /** After whatever of this rule is under way. What is handed in says itself what goes wrong. */
  const inTurn = (name: string, work: () => Promise<void>): void => {
    last.current.set(name, (last.current.get(name) ?? Promise.resolve()).then(work))
  }

  const send = async (row: RuleRow): Promise<void> => {
    const { name } = row
    let entry: Kept | undefined = kept(row)
    try {
      for (let wish = wishes.current.get(name); wish !== undefined; wish = wishes.current.get(name)) {
        wishes.current.delete(name)
        const before: Kept | undefined = entry
        const saved = await putEntry<unknown>('/api/v1/rules', name, valueFor(before, wish), before === undefined ? 'new' : { etag: before.etag })
        entry = saved
        teller.tell({ text: doneBy(name, wish), undo: () => inTurn(name, async () => back(name, before, saved.etag).catch((error: unknown) => teller.tell({ text: said(error), isBad: true }))) })
        if (!wishes.current.has(name)) await refresh()
      }
    } catch (error) {
      wishes.current.delete(name)
      teller.tell({ text: say('state.named', { name, text: said(error) }), isBad: true })
      await refresh()
    } finally {
      sending.current.delete(name)
      setUnderWay((before) => new Map([...before].filter(([one]) => one !== name)))
    }
  }

  const back = async (name: string, before: Kept | undefined, etag: string): Promise<void> => {
    if (before === undefined) await removeEntry('/api/v1/rules', name, etag)
    else await putEntry<unknown>('/api/v1/rules', name, before.value, { etag })
    await refresh()
    await client.invalidateQueries({ queryKey: ['/api/v1/rule-counts'] })
    teller.tell({ text: say('entry.put-back', { noun: say('rules.one'), name }) })
  }

  const doneBy = (name: string, { isOn, severity }: Wish): string =>
    sentences(isOn === undefined ? '' : say(isOn ? 'rules.switched-on' : 'rules.switched-off', { name }), severity === undefined ? '' : say('rules.severity-set', { name, severity: say(`severity.${severity}`) }))

  return { underWay, turn: (row, isOn) => ask(row, { isOn }), grade: (row, severity) => ask(row, { severity }) }
}

/** What is to be kept of a rule, where this is wanted of what is kept. */
function valueFor(entry: Kept | undefined, { isOn, severity }: Wish): BuiltInValue | OwnRule {
  const own = ownRule(entry?.value)
  const graded = severity === undefined ? {} : { severity }
  if (own !== undefined) {
    const { enabled, ...rest } = { ...own, ...graded }
    return (isOn ?? enabled !== false) ? rest : { ...rest, enabled: false }
  }
  const settings = typeof entry?.value === 'object' && entry.value !== null ? entry.value : {}
  if (isOn === undefined) return { ...settings, ...graded }
  return isOn ? { ...settings, ...graded, on: true } : false
}
