import { Text, Textarea } from '@mantine/core'
import { useEffect, type ReactElement } from 'react'
import type { Answer, Item } from '../../api/ask'
import { useMay, useRole } from '../../api/me'
import { EntryForm, type EntryFields } from '../../parts/entry-form'
import { useSay } from '../../words/say'

type Form = Answer<'/api/v1/messages/names'>['forms'][number]

/** What is written for each form: a text, or a file beside the configuration. */
export type Forms = { readonly [K in Form]?: string | { readonly file: string } | undefined }

const tall: readonly Form[] = ['text', 'html', 'chat', 'card']

interface TemplateFormProps {
  readonly name: string
  readonly entry: Item<'/api/v1/templates'> | undefined
  readonly forms: readonly Form[]
  /** What stands in the form now, saved or not: it is previewed. */
  readonly onDraft: (draft: Forms) => void
  readonly onGone: () => void
}

/** The words of one message, a field for each form. */
export function TemplateForm({ name, entry, forms, onDraft, onGone }: TemplateFormProps): ReactElement {
  const say = useSay()
  const may = useMay()
  const role = useRole()
  return (
    // Reason for the cast: a form is a text, or names a file.
    <EntryForm<Forms> path="/api/v1/templates" entry={entry as (Omit<NonNullable<typeof entry>, 'value'> & { readonly value: Forms }) | undefined} blank={{}} noun={say('templates.one')} fixedName={name} live={forms.map((form) => `/${form}`)} reason={may('templates:write') ? undefined : say('templates.may-not', { role: say(`role.${role ?? 'viewer'}`) })} onRemoved={onGone}>
      {(fields) => <Fields fields={fields} forms={forms} onDraft={onDraft} />}
    </EntryForm>
  )
}

function Fields({ fields: { value, change, at }, forms, onDraft }: { readonly fields: EntryFields<Forms>; readonly forms: readonly Form[]; readonly onDraft: (draft: Forms) => void }): ReactElement {
  const say = useSay()
  useEffect(() => onDraft(value), [value, onDraft])
  return (
    <>
      {forms.map((form) => {
        const written = value[form]
        if (typeof written === 'object') return <Text key={form} size="sm">{say('state.named', { name: say(`templates.form-${form}`), text: say('templates.form-file', { file: written.file }) })}</Text>
        return (
          <Textarea key={form} label={say(`templates.form-${form}`)} placeholder={say('templates.empty-form')} autosize minRows={tall.includes(form) ? 3 : 1} maxRows={18} spellCheck={false} styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }} value={written ?? ''} error={at(`/${form}`)} onChange={(event) => {
            const text = event.currentTarget.value
            change({ [form]: text === '' ? undefined : text })
          }} />
        )
      })}
    </>
  )
}
