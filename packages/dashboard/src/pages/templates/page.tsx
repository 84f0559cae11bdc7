import { Grid, Select, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState, type ReactElement } from 'react'
import { usePlace } from '../../app/params'
import { useAsk } from '../../api/ask'
import { useProject } from '../../app/project'
import { Asked, Empty, PageHead } from '../../parts/states'
import { useSay } from '../../words/say'
import { Preview } from './preview'
import { TemplateForm, type Forms } from './template-form'

/** `/templates/:name?`: a message in one's own words, and what it then looks like for every reader. */
export function Page(): ReactElement {
  const say = useSay()
  const project = useProject()
  const navigate = useNavigate()
  const { name } = usePlace()
  const names = useAsk('/api/v1/messages/names')
  const templates = useAsk('/api/v1/templates')
  const go = (to: string | null): void => void navigate({ to: `/p/${project}/templates${to === null ? '' : `/${encodeURIComponent(to)}`}` })
  return (
    <>
      <PageHead title={say('page.templates')} line={say('templates.line')} />
      <Asked of={names} what={say('page.templates')}>
        {({ messages, forms }) => (
          <Asked of={templates} what={say('page.templates')}>
            {({ items }) => {
              const own = new Set(items.map((item) => item.name))
              const label = (one: string): string => `${one === '*' ? say('templates.all') : one === 'batch' ? say('templates.batch') : one}${own.has(one) ? ` ✎ ${say('templates.own')}` : ''}`
              const choices = ['*', 'batch', ...messages.filter((one) => one !== 'batch')].map((value) => ({ value, label: label(value) }))
              return (
                <>
                  <Select label={say('templates.pick')} description={say('templates.pick-hint', { count: own.size })} searchable data={choices} value={name ?? null} onChange={go} maw={420} mb="md" />
                  {name === undefined || choices.every(({ value }) => value !== name) ? <Empty>{say('templates.pick-first')}</Empty> : <OneTemplate key={name} name={name} entry={items.find((item) => item.name === name)} forms={forms} onGone={() => go(null)} />}
                </>
              )
            }}
          </Asked>
        )}
      </Asked>
    </>
  )
}

type Entry = Parameters<typeof TemplateForm>[0]['entry']

function OneTemplate({ name, entry, forms, onGone }: { readonly name: string; readonly entry: Entry; readonly forms: Parameters<typeof TemplateForm>[0]['forms']; readonly onGone: () => void }): ReactElement {
  const say = useSay()
  const [draft, setDraft] = useState<Forms>({})
  return (
    <Grid>
      <Grid.Col span={{ base: 12, md: 6 }}>
        <TemplateForm name={name} entry={entry} forms={forms} onDraft={setDraft} onGone={onGone} />
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 6 }}>
        <Preview name={name} draft={draft} />
        <Text size="xs" c="dimmed" mt="xs">
          {say('templates.sample')}
        </Text>
      </Grid.Col>
    </Grid>
  )
}
