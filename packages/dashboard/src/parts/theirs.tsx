import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { useSay } from '../words/say'
import classes from './entry-form.module.css'

interface TheirsProps {
  readonly mine: unknown
  readonly theirs: unknown
  /** They deleted it. */
  readonly isGone: boolean
  readonly take: () => void
}

/** Two people edited the same: what differs, side by side, and nothing of either is lost. */
export function Theirs({ mine, theirs, isGone, take }: TheirsProps): ReactElement {
  const say = useSay()
  const [ours, other] = [membersOf(mine), membersOf(theirs)]
  const names = [...new Set([...Object.keys(ours), ...Object.keys(other)])].filter((name) => ours[name] !== other[name])
  return (
    <Alert color="orange" variant="light" role="alert" data-state="conflict" title={isGone ? say('entry.gone') : say('state.changed-meanwhile')}>
      {!isGone && (
        <Stack gap="sm">
          <div className={classes['sides']}>
            <span />
            <Text span size="xs" fw={600}>
              {say('entry.theirs')}
            </Text>
            <Text span size="xs" fw={600}>
              {say('entry.mine')}
            </Text>
            {names.map((name) => [
              <span key={`${name} 0`}>{name}</span>,
              <code key={`${name} 1`}>{other[name] ?? '–'}</code>,
              <code key={`${name} 2`}>{ours[name] ?? '–'}</code>,
            ])}
          </div>
          <Group>
            <Button size="xs" variant="default" onClick={take}>
              {say('entry.take-theirs')}
            </Button>
          </Group>
        </Stack>
      )}
    </Alert>
  )
}

/** Each as text, to be compared and shown. */
function membersOf(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return { '': textOf(value) }
  return Object.fromEntries(Object.entries(value).flatMap(([name, one]: [string, unknown]) => (one === undefined ? [] : [[name, textOf(one)]])))
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
