import { Grid } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState, type ReactElement } from 'react'
import { useAsk, useChanged } from '../../api/ask'
import { PageLink } from '../../app/page-link'
import type { Address } from '../../app/address'
import { useProject } from '../../app/project'
import { useKeys } from '../../keys/keys'
import { Card } from '../../parts/card'
import type { Entry } from '../../parts/entry-calls'
import { EntryForm, type EntryFields } from '../../parts/entry-form'
import { Given } from '../../parts/given'
import { Asked, Empty, PageHead } from '../../parts/states'
import { useSay } from '../../words/say'
import { BacktestPanel, type Tried } from './backtest'
import { BuiltInFields } from './built-in-fields'
import { useReason } from './list'
import { RuleFields } from './rule-fields'
import { ownRule, type PackRule, type RuleEntry } from './rule-rows'
import classes from './rules.module.css'
import { firstRule, type BuiltInValue, type OwnRule } from './rule-value'

/** `/rules/:name`: one's own, or one that comes with the product. */
export function RuleDetail({ name }: { readonly name: string }): ReactElement {
  const say = useSay()
  const entries = useAsk('/api/v1/rules')
  const pack = useAsk('/api/v1/built-in-rules')
  return (
    <Asked of={entries} what={say('page.rules')}>
      {({ items }) => (
        <Asked of={pack} what={say('page.rules')}>
          {({ items: builtIn }) => {
            const entry = items.find((one) => one.name === name)
            const one = builtIn.find((rule) => rule.name === name && !rule.replaced)
            if (one !== undefined) return <BuiltIn pack={one} entry={entry} />
            return entry === undefined || ownRule(entry.value) === undefined ? <Empty action={<PageLink to="/rules">{say('rules.back')}</PageLink>}>{say('rules.missing', { name })}</Empty> : <OwnEditor entry={entry} />
          }}
        </Asked>
      )}
    </Asked>
  )
}

/** As the server takes it: what is called otherwise is tried without a name. */
const isName = /^[A-Za-z0-9][\w.-]{0,63}$/

/** Every place that the form has a field for. */
const ownPlaces = ['/on', '/enabled', '/when', '/measure', '/above', '/below', '/until', '/for', '/window', '/least', '/noData', '/absent', '/since', '/anomaly', '/every', '/impact', '/impactShare', '/quiet', '/groupBy', '/groupsMax', '/again', '/kind', '/severity', '/runbook', '/owner']
const builtInPlaces = ['/severity', '/after', '/window', '/count', '/share', '/aboveUsd', '/runbook', '/owner']

export function OwnEditor({ entry }: { readonly entry: RuleEntry | undefined }): ReactElement {
  const say = useSay()
  const { go, changed, reason } = useFrame()
  const [fields, setFields] = useState<EntryFields<OwnRule>>()
  const value = fields?.value ?? ownRule(entry?.value) ?? firstRule
  const isFixed = entry?.readOnly === true || reason !== undefined
  const limit = value.above ?? value.below
  const change = (next: number): void => fields?.change(value.above === undefined ? { below: next } : { above: next })
  const isDraft = fields === undefined ? entry === undefined : fields.isDirty || fields.isNew
  const tried: Tried = {
    title: entry?.name ?? (fields?.name || say('rules.new')), rule: entry?.name ?? (isName.test(fields?.name ?? '') ? fields?.name : undefined), definition: isDraft ? value : undefined,
    limit: limit === undefined ? undefined : { value: limit, isBelow: value.above === undefined, change: isFixed ? undefined : change },
  }
  return (
    <Frame title={entry === undefined ? say('rules.new') : <Given>{entry.name}</Given>} tried={tried}>
      <EntryForm<OwnRule>
        path="/api/v1/rules"
        // Reason for the cast: that it is one's own was looked at; the server gives it as it is written.
        entry={entry as Entry<OwnRule> | undefined}
        blank={firstRule}
        noun={say('rules.one')}
        reason={reason}
        live={ownPlaces}
        onSaved={(saved) => {
          void changed()
          if (entry === undefined) go(`/${encodeURIComponent(saved.name)}`)
        }}
        onRemoved={() => {
          void changed()
          go('')
        }}
        onReopen={() => go('', { new: '1' })}
        onCancel={() => go('')}
      >
        {(form) => (
          <>
            <HandOver fields={form} to={setFields} />
            <RuleFields {...form} />
          </>
        )}
      </EntryForm>
    </Frame>
  )
}

function BuiltIn({ pack, entry }: { readonly pack: PackRule; readonly entry: RuleEntry | undefined }): ReactElement {
  const say = useSay()
  const { changed, reason } = useFrame()
  const { name } = pack
  const [fields, setFields] = useState<EntryFields<BuiltInValue>>()
  // What was taken away begins anew; what is saved for the first time goes on.
  const [removals, setRemovals] = useState(0)
  const isTried = fields?.isDirty === true && fields.value !== false
  return (
    <Frame title={name} built tried={{ title: name, rule: name, definition: isTried ? fields.value : undefined }}>
      <EntryForm<BuiltInValue>
        key={removals}
        path="/api/v1/rules"
        // Reason for the cast: under the name of a built-in rule stand its settings.
        entry={entry as Entry<BuiltInValue> | undefined}
        blank={pack.on ? {} : false}
        fixedName={name}
        removal={{ label: say('rules.as-default'), done: say('rules.back-to-default', { name }) }}
        noun={say('rules.one')}
        reason={reason}
        live={builtInPlaces}
        onSaved={() => void changed()}
        onRemoved={() => {
          void changed()
          setRemovals(removals + 1)
        }}
      >
        {(form) => (
          <>
            <HandOver fields={form} to={setFields} />
            <BuiltInFields pack={pack} fields={form} />
          </>
        )}
      </EntryForm>
    </Frame>
  )
}

interface FrameProps {
  readonly title: ReactElement | string
  readonly tried: Tried
  readonly built?: true
  readonly children: ReactElement
}

/** The form on the left, what it would have told on the right. */
function Frame({ title, tried, built, children }: FrameProps): ReactElement {
  const say = useSay()
  const { go } = useFrame()
  useKeys([{ keys: 'Esc', word: 'keys.back', group: 'list', run: () => go('') }])
  return (
    <>
      <PageHead
        title={title}
        line={
          <>
            <PageLink to="/rules" underline="always">← {say('rules.back')}</PageLink>
            {built === true && <> · {say('rules.built-in')}</>}
          </>
        }
      />
      <Grid gap="md">
        <Grid.Col span={{ base: 12, lg: 6 }}>
          <Card title={say('rules.one')}>{children}</Card>
        </Grid.Col>
        <Grid.Col span={{ base: 12, lg: 6 }}>
          <div className={classes['beside']}>
            <BacktestPanel tried={tried} />
          </div>
        </Grid.Col>
      </Grid>
    </>
  )
}

interface FrameActs {
  readonly go: (to: string, search?: Address) => void
  readonly changed: () => Promise<void>
  readonly reason: string | undefined
}

function useFrame(): FrameActs {
  const project = useProject()
  const navigate = useNavigate()
  const changed = useChanged()
  const reason = useReason()
  return {
    go: (to, search = {}) => void navigate({ to: `/p/${project}/rules${to}`, search }),
    changed: async () => changed('/api/v1/rules', '/api/v1/built-in-rules'),
    reason,
  }
}

/** Hands the state of the form to what stands beside it, and never while it is drawn. */
function HandOver<V>({ fields, to }: { readonly fields: EntryFields<V>; readonly to: (fields: EntryFields<V>) => void }): null {
  const latest = useRef({ fields, to })
  latest.current = { fields, to }
  const { value, name, isDirty, isNew } = fields
  useEffect(() => latest.current.to(latest.current.fields), [value, name, isDirty, isNew])
  return null
}
