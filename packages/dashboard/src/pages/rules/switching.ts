import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useChanged } from '../../api/ask'
import { useProject } from '../../app/project'
import { putEntry, removeEntry, type Basis } from '../../parts/entry-calls'
import { said } from '../../parts/said'
import type { SeverityName } from '../../parts/severity'
import { useTell } from '../../parts/toasts'
import { useSay } from '../../words/say'
import { ownRule, type RuleRow } from './rule-rows'
import type { BuiltInValue, OwnRule } from './rule-value'

interface Switching {
  /** What is shown until the server has said it: a value of each rule that is being changed. */
  readonly underWay: ReadonlyMap<string, { readonly isOn: boolean; readonly severity: SeverityName }>
  readonly turn: (row: RuleRow, isOn: boolean) => void
  readonly grade: (row: RuleRow, severity: SeverityName) => void
}

interface Change {
  readonly row: RuleRow
  readonly value: BuiltInValue | OwnRule
  readonly shown: { readonly isOn: boolean; readonly severity: SeverityName }
  readonly done: string
}

const key = ['switch-rule']

/** Switches rules and grades them from the list: shown at once, taken back where the server refuses, undone by `u`. */
export function useSwitching(): Switching {
  const say = useSay()
  const teller = useTell()
  const changed = useChanged()
  const project = useProject()
  const client = useQueryClient()
  const refresh = async (): Promise<void> => changed('/api/v1/rules', '/api/v1/built-in-rules')
  const { mutate, variables, isPending } = useMutation({
    mutationKey: [...key, project],
    mutationFn: async ({ row, value }: Change) => {
      const basis: Basis = row.entry === undefined ? 'new' : { etag: row.entry.etag }
      const saved = await putEntry<unknown>('/api/v1/rules', row.name, value, basis)
      await refresh()
      return saved
    },
    onSuccess: (saved, { row, done }) =>
      teller.tell({ text: done, undo: () => void back(row, saved.etag).catch((error: unknown) => teller.tell({ text: said(error), isBad: true })) }),
    onError: (error, { row }) => {
      teller.tell({ text: `${row.name}: ${said(error)}`, isBad: true })
      void refresh()
    },
  })
  const back = async ({ name, entry }: RuleRow, etag: string): Promise<void> => {
    if (entry === undefined) await removeEntry('/api/v1/rules', name, etag)
    else await putEntry<unknown>('/api/v1/rules', name, entry.value, { etag })
    await refresh()
    await client.invalidateQueries({ queryKey: ['/api/v1/rule-counts'] })
    teller.tell({ text: say('entry.put-back', { noun: say('rules.one'), name }) })
  }
  const settings = ({ entry }: RuleRow): object => (typeof entry?.value === 'object' ? entry.value : {})
  const turned = (row: RuleRow, isOn: boolean): BuiltInValue | OwnRule => {
    const own = ownRule(row.entry?.value)
    if (own === undefined) return isOn ? { ...settings(row), on: true } : false
    const { enabled: _enabled, ...rest } = own
    return isOn ? rest : { ...rest, enabled: false }
  }
  return {
    underWay: new Map(isPending && variables !== undefined ? [[variables.row.name, variables.shown]] : []),
    turn: (row, isOn) => mutate({ row, value: turned(row, isOn), shown: { isOn, severity: row.severity }, done: say(isOn ? 'rules.switched-on' : 'rules.switched-off', { name: row.name }) }),
    grade: (row, severity) => mutate({ row, value: { ...settings(row), severity }, shown: { isOn: row.isOn, severity }, done: say('rules.severity-set', { name: row.name, severity: say(`severity.${severity}`) }) }),
  }
}
