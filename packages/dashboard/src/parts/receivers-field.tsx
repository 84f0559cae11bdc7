import { MultiSelect } from '@mantine/core'
import type { ReactElement } from 'react'
import { useAsk } from '../api/ask'
import { useMay } from '../api/me'
import { useSay } from '../words/say'

const roles = ['owner', 'admin', 'developer', 'billing', 'viewer'] as const

interface ReceiversFieldProps {
  readonly label: string
  readonly description?: string
  readonly value: readonly string[]
  /** People alone, without roles, teams and rotations. */
  readonly onlyPeople?: boolean
  readonly required?: boolean
  readonly error: string | undefined
  readonly onChange: (value: string[]) => void
}

/** To whom: people, and names that stand for several. */
export function ReceiversField({ label, description, value, onlyPeople = false, required = false, error, onChange }: ReceiversFieldProps): ReactElement {
  const say = useSay()
  const may = useMay()
  const people = useAsk('/api/v1/people', {}, { enabled: may('people:read') })
  const teams = useAsk('/api/v1/teams', {}, { enabled: !onlyPeople })
  const rotations = useAsk('/api/v1/rotations', {}, { enabled: !onlyPeople })
  const groups = [
    { group: say('routing.group-people'), items: people.data?.items.map(({ name }) => ({ value: name, label: name })) ?? [] },
    ...(onlyPeople
      ? []
      : [
          { group: say('routing.group-roles'), items: roles.map((role) => ({ value: `role:${role}`, label: `role:${role}` })) },
          { group: say('routing.group-teams'), items: teams.data?.items.map(({ name }) => ({ value: `team:${name}`, label: `team:${name}` })) ?? [] },
          { group: say('routing.group-rotations'), items: rotations.data?.items.map(({ name }) => ({ value: `rotation:${name}`, label: `rotation:${name}` })) ?? [] },
        ]),
  ].filter(({ items }) => items.length > 0)
  const known = new Set(groups.flatMap(({ items }) => items.map((item) => item.value)))
  // What stands there and is not known here, such as somebody of the file that was taken away, stays until it is removed.
  const strange = value.filter((one) => !known.has(one)).map((one) => ({ value: one, label: one }))
  return <MultiSelect label={label} description={description} required={required} data={[...groups, ...(strange.length > 0 ? [{ group: '?', items: strange }] : [])]} value={[...value]} error={error} searchable hidePickedOptions onChange={onChange} />
}
