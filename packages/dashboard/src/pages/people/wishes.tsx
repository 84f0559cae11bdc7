import { Button, Fieldset, Group, MultiSelect, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core'
import type { ReactElement } from 'react'
import { useAsk } from '../../api/ask'
import type { EntryFields } from '../../parts/entry-form'
import { ScheduleField } from '../../parts/schedule-field'
import { ViaField } from '../../parts/via-field'
import { useSay } from '../../words/say'
import type { PersonValue } from './person-fields'

type Wish = NonNullable<PersonValue['preferences']>[number]
type What = 'mute' | 'via' | 'digest'

const kinds = ['session', 'model', 'tool', 'cost', 'system'] as const
const severities = ['critical', 'high', 'warning', 'info'] as const

/** What somebody wishes about how they are told. */
export function Wishes({ form: { value, at, change } }: { readonly form: EntryFields<PersonValue> }): ReactElement {
  const say = useSay()
  const { data } = useAsk('/api/v1/channels')
  const channels = data?.items.map(({ name }) => name) ?? []
  const wishes = value.preferences ?? []
  const put = (next: readonly Wish[]): void => change({ preferences: next.length === 0 ? undefined : [...next] })
  return (
    <Fieldset legend={say('people.wishes')}>
      <Stack gap="md">
        <Text size="xs" c="dimmed">
          {say('people.wishes-line')}
        </Text>
        {wishes.map((wish, index) => {
          const number = index + 1
          const set = (next: Wish): void => put(wishes.map((one, at2) => (at2 === index ? next : one)))
          // What is chosen instead takes the place of what was wished.
          const { mute: _mute, via, digest, ...which } = wish
          const what: What = digest !== undefined ? 'digest' : via !== undefined ? 'via' : 'mute'
          const choose = (next: string | null): void => set(next === 'digest' ? { ...which, digest: '1h' } : next === 'via' ? { ...which, via: [] } : { ...which, mute: true })
          const pointer = `/preferences/${index}`
          return (
            // oxlint-disable-next-line react/no-array-index-key -- a wish has no name but its place
            <Fieldset key={index} legend={say('people.wish', { number })} variant="filled">
              <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
                <MultiSelect label={say('people.wish-kinds')} placeholder={wish.kinds?.length ? undefined : say('people.wish-all')} data={kinds.map((one) => ({ value: one, label: say(`kind.${one}`) }))} value={[...(wish.kinds ?? [])]} error={at(`${pointer}/kinds`)} onChange={(next) => set(without({ ...wish, kinds: kinds.filter((one) => next.includes(one)) }))} />
                <MultiSelect label={say('people.wish-severities')} placeholder={wish.severities?.length ? undefined : say('people.wish-all')} data={severities.map((one) => ({ value: one, label: say(`severity.${one}`) }))} value={[...(wish.severities ?? [])]} error={at(`${pointer}/severities`)} onChange={(next) => set(without({ ...wish, severities: severities.filter((one) => next.includes(one)) }))} />
                <MultiSelect label={say('people.wish-channels')} placeholder={wish.channels?.length ? undefined : say('people.wish-all')} data={[...new Set([...channels, ...(wish.channels ?? [])])]} value={[...(wish.channels ?? [])]} error={at(`${pointer}/channels`)} onChange={(next) => set(without({ ...wish, channels: next }))} />
                <Select label={say('people.wish-what')} allowDeselect={false} data={(['mute', 'via', 'digest'] as const).map((one) => ({ value: one, label: say(`people.wish-${one}`) }))} value={what} onChange={choose} />
              </SimpleGrid>
              <Stack gap="sm" mt="sm">
                {what === 'via' && <ViaField value={via} channels={channels} error={(inside) => at(`${pointer}/via${inside}`)} onChange={(next) => set({ ...which, via: next })} />}
                {what === 'digest' && <ScheduleField value={digest} mayBeNow={false} error={at(`${pointer}/digest`)} onChange={(next) => set({ ...which, digest: next })} />}
                <TextInput label={say('people.wish-when')} styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }} value={wish.when ?? ''} error={at(`${pointer}/when`)} onChange={(event) => set(without({ ...wish, when: event.currentTarget.value }))} />
              </Stack>
              <Group justify="flex-end" mt="xs">
                <Button size="compact-sm" variant="subtle" color="red" aria-label={say('people.wish-remove', { number })} onClick={() => put(wishes.filter((_, at2) => at2 !== index))}>
                  {say('act.delete')}
                </Button>
              </Group>
            </Fieldset>
          )
        })}
        <div>
          <Button size="xs" variant="default" onClick={() => put([...wishes, { mute: true }])}>
            {say('people.wish-add')}
          </Button>
        </div>
      </Stack>
    </Fieldset>
  )
}

/** What is empty is about all of them. */
function without(wish: Wish): Wish {
  return Object.fromEntries(Object.entries(wish).filter(([, one]) => one !== '' && !(Array.isArray(one) && one.length === 0)))
}
