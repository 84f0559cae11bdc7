import { Text, TextInput } from '@mantine/core'
import type { ReactElement } from 'react'
import type { Item } from '../../../api/ask'
import { useMay, useRole, useWhomToAsk } from '../../../api/me'
import { Card } from '../../../parts/card'
import type { Entry } from '../../../parts/entry-calls'
import { EntryForm } from '../../../parts/entry-form'
import { useSay } from '../../../words/say'

const parts = ['content', 'bodies', 'decisions', 'audit'] as const
/** As docs/configuration.md has them. */
const defaults: Readonly<Record<(typeof parts)[number], string>> = { content: '14d', bodies: '30d', decisions: '90d', audit: '400d' }

type Retention = Readonly<Partial<Record<(typeof parts)[number], string>>>

const blank: Retention = {}

/** Durations as they are written in the configuration: `14d`. */
export function RetentionForm({ entry }: { readonly entry: Item<'/api/v1/settings'> | undefined }): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  const who = useWhomToAsk()
  const reason = may('settings:write') ? undefined : say('state.role-may-not', { role: say(`role.${role ?? 'viewer'}`), page: say('page.retention'), who })
  return (
    <Card title={say('page.retention')}>
      <EntryForm<Retention>
        path="/api/v1/settings"
        // Reason for the cast: under this name stands the setting of this form.
        entry={entry?.origin === 'default' ? undefined : (entry as Entry<Retention> | undefined)}
        blank={blank}
        fixedName="retention"
        removal={{ label: say('admin.retention-default'), done: say('admin.retention-defaulted') }}
        noun={say('admin.setting')}
        reason={reason}
        live={parts.map((part) => `/${part}`)}
      >
        {({ value, change, at }) => (
          <>
            {parts.map((part) => (
              <TextInput key={part} label={say(`admin.retention-${part}`)} description={say('admin.retention-hint', { value: defaults[part] })} placeholder={defaults[part]} value={value[part] ?? ''} error={at(`/${part}`)} onChange={(event) => change({ [part]: event.currentTarget.value || undefined })} />
            ))}
            <Text size="xs" c="dimmed">
              {say('admin.retention-of-file')}
            </Text>
          </>
        )}
      </EntryForm>
    </Card>
  )
}
