import { Button, Group, Stack, Text, Textarea } from '@mantine/core'
import { useEffect, useId, useMemo, useRef, type ReactElement } from 'react'
import { Given } from '../../parts/given'
import { useAnnounced } from '../../parts/toasts'
import { useSay } from '../../words/say'
import { ConditionRow } from './condition-row'
import { shownOf, withMore, withoutRow, withRow } from './conditions'
import classes from './rules.module.css'

interface ConditionEditorProps {
  readonly label: string
  /** CEL; empty: every event. */
  readonly text: string
  readonly change: (text: string) => void
  readonly error: string | undefined
}

/** A condition as rows and as text, side by side: both are one, and what the rows cannot show they leave alone. */
export function ConditionEditor({ label, text, change, error }: ConditionEditorProps): ReactElement {
  const say = useSay()
  const id = useId()
  const shown = useMemo(() => shownOf(text), [text])
  const rows = shown.kind === 'rows' ? shown.rows : []
  const why = shown.kind === 'rows' ? undefined : say(`rules.why-${shown.why}`, { part: shown.part })
  useAnnounced(why)
  const list = useRef<HTMLDivElement>(null)
  const goesTo = useRef<'last' | 'add' | undefined>(undefined)
  useEffect(() => {
    const target = goesTo.current
    goesTo.current = undefined
    if (target === 'last') [...(list.current?.querySelectorAll<HTMLElement>('[data-condition]') ?? [])].at(-1)?.querySelector('select')?.focus()
    else if (target === 'add') list.current?.querySelector<HTMLElement>('[data-add]')?.focus()
  }, [rows.length])
  return (
    <div className={classes['sides']} role="group" aria-labelledby={id}>
      <div ref={list} className={classes['side']}>
        <Text size="sm" fw={600} id={id} mb={4}>
          {label}
        </Text>
        {shown.kind === 'rows' ? (
          <Stack gap={6}>
            {rows.length === 0 && (
              <Text size="sm" c="dimmed">
                {say('rules.every-event')}
              </Text>
            )}
            {rows.map((row, index) => (
              <ConditionRow
                key={index}
                row={row}
                number={index + 1}
                change={(next) => change(withRow(text, row, next))}
                remove={() => {
                  goesTo.current = 'add'
                  change(withoutRow(text, rows, index))
                }}
              />
            ))}
            <Group>
              <Button
                size="xs"
                variant="default"
                data-add
                onClick={() => {
                  goesTo.current = 'last'
                  change(withMore(text, rows.some(({ field }) => field === 'status') ? { field: 'agent', operator: 'is', values: [''] } : { field: 'status', operator: 'is', values: ['error'] }))
                }}
              >
                {say('rules.add')}
              </Button>
            </Group>
          </Stack>
        ) : (
          <div className={classes['cannot']} data-state="text-only">
            <Text size="sm">
              <Given lines={4}>{why}</Given>
            </Text>
            <Text size="sm" c="dimmed">
              {say('rules.text-only')}
            </Text>
          </div>
        )}
      </div>
      <Textarea
        className={classes['side'] ?? ''}
        label={say('rules.cel')}
        description={say('rules.cel-hint')}
        autosize
        minRows={2}
        maxRows={12}
        spellCheck={false}
        autoComplete="off"
        maxLength={4_000}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 'var(--mantine-font-size-sm)' } }}
        value={text}
        error={error}
        onChange={(event) => change(event.currentTarget.value)}
      />
    </div>
  )
}
