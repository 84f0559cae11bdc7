import { Checkbox, Table, Text, VisuallyHidden } from '@mantine/core'
import type { ReactElement } from 'react'
import { Card } from '../../parts/card'
import { Given } from '../../parts/given'
import { useSay } from '../../words/say'
import { useChangeOwn, useNewestOff, useShownOff, withPress, type Own, type OwnEdit } from './change-own'

/** What I am told by which channel: each box at once, with a way back. */
export function Wishes({ own }: { readonly own: Own }): ReactElement {
  const say = useSay()
  const change = useChangeOwn()
  const newestOff = useNewestOff(own.off)
  const reason = own.editable ? undefined : (own.why ?? say('state.read-only'))
  const shown = useShownOff(own.off)
  const isOff = (kind: string, channel: string, among = shown): boolean => among.some((one) => one.kind === kind && one.channel === channel)
  const turn = (kind: Own['receives'][number], channel: string): void => {
    if (reason !== undefined) return
    const becomesOff = !isOff(kind, channel, newestOff())
    change.mutate({ ...pressing({ kind, channel, isOff: becomesOff }), back: pressing({ kind, channel, isOff: !becomesOff }) })
  }
  return (
    <Card title={say('me.wishes')}>
      {own.channels.length === 0 || own.receives.length === 0 ? (
        <Text size="sm" c="dimmed">
          {say('me.no-channels')}
        </Text>
      ) : (
        <Table.ScrollContainer minWidth={320}>
          <Table fz="sm" aria-label={say('me.wishes')}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>
                  <VisuallyHidden>{say('message.channel')}</VisuallyHidden>
                </Table.Th>
                {own.receives.map((kind) => (
                  <Table.Th key={kind}>{say(`kind.${kind}`)}</Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {own.channels.map(({ name, reaches }) => (
                <Table.Tr key={name}>
                  <Table.Th scope="row" fw={400}>
                    <Given>{name}</Given>
                    {!reaches && (
                      <Text size="xs" c="dimmed">
                        {say('me.not-reached')}
                      </Text>
                    )}
                  </Table.Th>
                  {own.receives.map((kind) => (
                    <Table.Td key={kind}>
                      <Checkbox checked={!isOff(kind, name)} {...(reason !== undefined && { 'aria-disabled': true, title: reason })} aria-label={say('me.wish', { kind: say(`kind.${kind}`), channel: name })} onChange={() => turn(kind, name)} />
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      <Text size="xs" c="dimmed" mt="xs">
        {reason ?? say('me.wishes-hint')}
      </Text>
    </Card>
  )
}

/** One box and no other, whatever else was pressed before or meanwhile. */
function pressing(press: NonNullable<OwnEdit['press']>): OwnEdit {
  return { press, to: ({ off }) => ({ off: [...withPress(off, press)] }) }
}
