import { Select, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core'
import type { ReactElement } from 'react'
import { Card } from '../../parts/card'
import { Failed } from '../../parts/states'
import { Given } from '../../parts/given'
import { useAnnounced } from '../../parts/toasts'
import { useSay } from '../../words/say'
import type { Tested, useRouted } from './lanes'
import { colon, sentences } from '../../words/sentences'
import classes from './routing.module.css'

const kinds = ['session', 'model', 'tool', 'cost', 'system'] as const
const severities = ['critical', 'high', 'warning', 'info'] as const

/** So many are read out; the rest can be read. */
const spokenMax = 3

interface TesterProps {
  readonly tested: Tested
  readonly change: (part: Partial<Tested>) => void
  readonly routed: ReturnType<typeof useRouted>
}

/** An alert as one would describe it, and who would hear of it, in words. */
export function Tester({ tested, change, routed }: TesterProps): ReactElement {
  const say = useSay()
  const isOnRecord = tested.id !== ''
  const told = routed.data?.told.map(({ person, channel, sentence }) => `${person} · ${channel}${colon()}${sentence}`).slice(0, spokenMax).join('. ')
  useAnnounced(told === '' ? say('tester.nobody') : told)
  const text = (name: 'agent' | 'environment' | 'rule' | 'model' | 'tags') => ({
    size: 'xs' as const,
    label: say(`tester.${name}`),
    value: tested[name],
    disabled: isOnRecord,
    autoComplete: 'off',
    onChange: (event: { readonly currentTarget: { readonly value: string } }) => change({ [name]: event.currentTarget.value }),
  })
  return (
    <Card title={say('tester.title')}>
      <Stack gap="sm">
        <Text size="xs" c="dimmed">
          {sentences(say('tester.line'), say('tester.saved-only'))}
        </Text>
        <SimpleGrid cols={2} spacing="xs" verticalSpacing={6}>
          <Select size="xs" label={say('tester.kind')} allowDeselect={false} disabled={isOnRecord} data={kinds.map((one) => ({ value: one, label: say(`kind.${one}`) }))} value={tested.kind} onChange={(kind) => change({ kind: kind ?? 'session' })} />
          <Select size="xs" label={say('tester.severity')} allowDeselect={false} disabled={isOnRecord} data={severities.map((one) => ({ value: one, label: say(`severity.${one}`) }))} value={tested.severity} onChange={(severity) => change({ severity: severity ?? 'high' })} />
          <TextInput {...text('agent')} />
          <TextInput {...text('environment')} />
          <TextInput {...text('rule')} />
          <TextInput {...text('model')} />
          <TextInput {...text('tags')} placeholder={say('tester.tags-hint')} />
          <TextInput size="xs" label={say('tester.id')} placeholder={say('tester.id-hint')} value={tested.id} autoComplete="off" onChange={(event) => change({ id: event.currentTarget.value })} />
        </SimpleGrid>
        {routed.error !== null && !routed.isBehind && <Failed error={routed.error} what={say('tester.title')} again={() => void routed.refetch()} />}
        {routed.data !== undefined && routed.error === null && (
          <div className={classes['answer']} data-behind={routed.isBehind}>
            <Title order={3} size="h6">
              {say('tester.told')}
            </Title>
            {routed.data.told.length === 0 && <Text size="sm">{say('tester.nobody')}</Text>}
            <ul className={classes['said']}>
              {routed.data.told.map(({ person, channel, route, sentence }) => (
                <li key={`${person} ${channel} ${route}`}>
                  <Text span size="sm" fw={600}>
                    <Given>{person === '' ? '*' : person}</Given> · <Given>{channel}</Given>
                  </Text>{' '}
                  <Text span size="sm">
                    <Given>{sentence}</Given>
                  </Text>
                </li>
              ))}
            </ul>
            <Title order={3} size="h6" mt="xs">
              {say('tester.why')}
            </Title>
            <ul className={classes['said']}>
              {routed.data.decisions.map(({ person, channel, reason, verdict, sentence }, index) => (
                <li key={`${index} ${person} ${channel} ${reason}`} data-reason={reason}>
                  <Text span size="xs" fw={600}>
                    {verdict}
                  </Text>{' '}
                  <Text span size="xs" c="dimmed">
                    {person !== '' && person !== '*' && (
                      <>
                        <Given>{person}</Given>
                        {colon()}
                      </>
                    )}
                    <Given>{sentence}</Given>
                  </Text>
                </li>
              ))}
            </ul>
          </div>
        )}
      </Stack>
    </Card>
  )
}
