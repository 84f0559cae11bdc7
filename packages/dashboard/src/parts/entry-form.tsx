import { Alert, Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type FormEvent, type ReactElement, type ReactNode } from 'react'
import { useChanged } from '../api/ask'
import type { ProblemPlace } from '../api/client'
import { useProject } from '../app/project'
import { useSay } from '../words/say'
import { ActButton } from './act-button'
import { putEntry, removeEntry, type Entry, type EntryPath } from './entry-calls'
import { draftKey, saidAt, useEntryDraft, type EntryDraft } from './entry-draft'
import classes from './entry-form.module.css'
import { keepDraft } from './kept-drafts'
import { useLiveCheck } from './live-check'
import { Moment } from './moment'
import { said, saidOfWhole } from './said'
import { Theirs } from './theirs'
import { useTell } from './toasts'

/** What the fields of a form are handed. */
export interface EntryFields<V> extends EntryDraft<V> {
  /** What is wrong at this place of the value, such as `/quietHours`: for `error` of its field. What no field asks for is said above. */
  readonly at: (pointer: string) => string | undefined
  /** What the server thinks of it as it stands is not known yet. */
  readonly isAsking: boolean
}

interface EntryFormProps<V> {
  readonly path: EntryPath
  /** Absent: something new. Give the form a `key` of its name. */
  readonly entry: Entry<V> | undefined
  readonly blank: V
  /** A name to begin with, of something new. */
  readonly firstName?: string
  /** It is called so whether it is there or not: such as settings of something that comes with the product. */
  readonly fixedName?: string
  /** What taking it away is called. @default delete */
  readonly removal?: { readonly label: string; readonly done: string }
  /** What it is, such as “Channel”: before its name in sentences. */
  readonly noun: string
  /** Why its reader cannot change it. */
  readonly reason?: string | undefined
  /** Places whose faults are said while one types, by the server's own checks; others when it is saved. */
  readonly live?: readonly string[]
  readonly onSaved?: (entry: Entry<V>) => void
  readonly onRemoved?: () => void
  /** A deleted thing could not be put back as it was; what can be is in the form for a new one. */
  readonly onReopen?: (value: V) => void
  /** Whether there is something that is not saved. */
  readonly onDirty?: (isDirty: boolean) => void
  readonly onCancel?: () => void
  /** Beside “Save”. */
  readonly actions?: (fields: EntryFields<V>) => ReactNode
  readonly children: (fields: EntryFields<V>) => ReactNode
}

/**
 * The frame of every form for something in the configuration: its name, saving with what was read, both sides where somebody else was faster,
 * deleting with undo, read-only where it is in the file. What stands in it, the page says.
 *
 * @example <EntryForm path="/api/v1/teams" entry={team} blank={[]} noun={say('teams.one')}>{({ value, put, at }) => <Members value={value} onChange={put} error={at('')} />}</EntryForm>
 */
export function EntryForm<V>({ path, entry, blank, firstName, fixedName, removal, noun, reason, live = [], onSaved, onRemoved, onReopen, onDirty, onCancel, actions, children }: EntryFormProps<V>): ReactElement {
  const say = useSay()
  const teller = useTell()
  const project = useProject()
  const changed = useChanged()
  const draft = useEntryDraft({ path, entry, blank, ...(firstName !== undefined && { firstName }), ...(fixedName !== undefined && { fixedName }) })
  const { name, value, isNew, isDirty, isBusy, problem } = draft
  const isReadOnly = entry?.readOnly === true
  const why = isReadOnly ? say('state.read-only') : reason
  const checked = useLiveCheck(path, name.trim() === '' ? 'new' : name.trim(), value, live.length > 0 && isDirty && why === undefined)
  const livePlaces = checked.places.filter(({ pointer }) => live.some((one) => pointer === one || pointer.startsWith(`${one}/`)))
  // What was refused is no fault any more as soon as something else stands there.
  const refused = useRef<unknown>(undefined)
  const refusedPlaces = problem?.places.filter(({ pointer }) => memberAt(value, pointer) === memberAt(refused.current, pointer)) ?? []
  const places = [...refusedPlaces, ...livePlaces.filter(({ pointer }) => refusedPlaces.every((one) => one.pointer !== pointer))]
  const form = useRef<HTMLFormElement>(null)
  const { at, unplaced } = usePlaces(places)

  useEffect(() => {
    // To what is wrong, so that it is read and can be mended.
    if (problem !== undefined) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [problem])

  const heard = useRef(onDirty)
  heard.current = onDirty
  useEffect(() => heard.current?.(isDirty), [isDirty])

  const saved = async (): Promise<void> => {
    const before = draft.stored
    refused.current = value
    const now = await draft.save()
    if (now === undefined) return
    const hasSecrets = JSON.stringify([before, now.value]).includes('"secret":true')
    // Of what is new by a name of its own there is "delete"; a setting is as it was.
    const undo = before !== undefined ? (hasSecrets ? undefined : () => void putBack(now.name, before, now.etag)) : fixedName === undefined ? undefined : () => void takeBack(now)
    teller.tell({ text: say('entry.saved', { noun, name: now.name }), ...(undo !== undefined && { undo }) })
    onSaved?.(now)
  }
  const removed = async (): Promise<void> => {
    refused.current = value
    const gone = await draft.remove()
    if (gone === undefined) return
    teller.tell({ text: removal?.done ?? say('entry.removed', { noun, name: gone.name }), undo: () => void putBack(gone.name, gone.value) })
    onRemoved?.()
  }
  const putBack = async (of: string, before: V, etag?: string): Promise<void> => {
    try {
      await putEntry(path, of, before, etag === undefined ? 'new' : { etag })
      await changed(path)
      teller.tell({ text: say('entry.put-back', { noun, name: of }) })
    } catch (error) {
      teller.tell({ text: `${say('entry.not-put-back', { noun, name: of })} ${said(error)}`, isBad: true })
      if (etag !== undefined) return
      keepDraft(draftKey(project, path, fixedName), { name: of, value: before })
      onReopen?.(before)
    }
  }
  const takeBack = async ({ name: of, etag }: Entry<V>): Promise<void> => {
    try {
      await removeEntry(path, of, etag)
      await changed(path)
      teller.tell({ text: say('entry.put-back', { noun, name: of }) })
    } catch (error) {
      teller.tell({ text: `${say('entry.not-put-back', { noun, name: of })} ${said(error)}`, isBad: true })
    }
  }
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (why === undefined && !isBusy) void saved()
  }
  const fields: EntryFields<V> = { ...draft, at, isAsking: checked.isAsking }
  return (
    <form ref={form} onSubmit={submit} noValidate onKeyDown={(event) => void (event.key === 'Enter' && event.nativeEvent.isComposing && event.preventDefault())}>
      <Stack gap="md">
        {isReadOnly && (
          <Text size="sm" c="dimmed" data-state="read-only">
            {say('state.read-only')}
          </Text>
        )}
        {entry?.shadowed === true && <Alert color="orange">{say('entry.shadowed')}</Alert>}
        {draft.isRestored && isDirty && (
          <Alert color="blue" variant="light" role="note" data-state="restored">
            <Group justify="space-between">
              <Text size="sm">{say('entry.restored')}</Text>
              <Button size="xs" variant="default" onClick={draft.discard}>
                {say('entry.discard')}
              </Button>
            </Group>
          </Alert>
        )}
        {draft.theirs !== undefined && isDirty && <Theirs mine={value} theirs={draft.theirs?.value} isGone={draft.theirs === null} take={draft.takeTheirs} />}
        {problem !== undefined && (problem.places.length === 0 || refusedPlaces.length > 0) && (
          <Alert color="red" variant="light" role="alert" data-state="refused" title={problem.status === 0 ? say('entry.not-reached') : say('entry.not-saved')}>
            {(problem.places.length === 0 || problem.code !== 'invalid') && <Line text={saidOfWhole(problem)} />}
            {unplaced.map(({ pointer, detail }) => <Line key={`${pointer} ${detail}`} text={pointer === '' ? detail : say('state.named', { name: pointer.slice(1), text: detail })} />)}
            {problem.places.length > 0 && unplaced.length === 0 && <Text size="sm">{say('entry.see-below')}</Text>}
          </Alert>
        )}
        <fieldset disabled={why !== undefined} className={classes['fields']}>
          <Stack gap="md">
            {isNew && fixedName === undefined && <TextInput label={say('entry.name')} description={say('entry.name-hint')} required value={name} autoComplete="off" maxLength={64} error={nameProblem()} onChange={(event) => draft.rename(event.currentTarget.value)} data-autofocus />}
            {children(fields)}
          </Stack>
        </fieldset>
        <Group gap="xs">
          <ActButton type="submit" reason={why ?? (isDirty || (isNew && fixedName === undefined) ? undefined : say('entry.nothing-changed'))} loading={isBusy}>
            {say('act.save')}
          </ActButton>
          {actions?.(fields)}
          {isDirty && (!isNew || fixedName !== undefined) && why === undefined && (
            <Button variant="default" onClick={draft.discard}>
              {say('entry.discard')}
            </Button>
          )}
          {onCancel !== undefined && isNew && (
            <Button
              variant="default"
              onClick={() => {
                draft.discard()
                onCancel()
              }}
            >
              {say('act.cancel')}
            </Button>
          )}
          {!isNew && (
            <ActButton variant="subtle" color="red" ml="auto" reason={why} onClick={() => void removed()}>
              {removal?.label ?? say('act.delete')}
            </ActButton>
          )}
        </Group>
        {entry?.changedMs !== undefined && (
          <Text size="xs" c="dimmed">
            {say('entry.changed')} <Moment atMs={entry.changedMs} />
          </Text>
        )}
      </Stack>
    </form>
  )

  function nameProblem(): string | undefined {
    if (problem?.code === 'exists') return say('entry.exists')
    if (problem !== undefined && name.trim() === '') return say('entry.name-hint')
    return undefined
  }
}

function Line({ text }: { readonly text: string }): ReactElement {
  return (
    <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
      {text}
    </Text>
  )
}

/** What stands in the member that a pointer leads into, as text. */
function memberAt(value: unknown, pointer: string): string | undefined {
  const name = pointer.split('/')[1]?.replaceAll('~1', '/').replaceAll('~0', '~')
  return JSON.stringify(name === undefined || typeof value !== 'object' || value === null ? value : Reflect.get(value, name))
}

/** Tells fields what is said of them, and keeps what nobody asked for. */
function usePlaces(places: readonly ProblemPlace[]): { readonly at: (pointer: string) => string | undefined; readonly unplaced: readonly ProblemPlace[] } {
  const asked = useRef(new Set<string>())
  asked.current.clear()
  const [unplaced, setUnplaced] = useState<readonly ProblemPlace[]>([])
  const at = useCallback(
    (pointer: string) => {
      asked.current.add(pointer)
      return saidAt(places, pointer)
    },
    [places],
  )
  useLayoutEffect(() => {
    // Fields have been drawn by now.
    const left = places.filter(({ pointer }) => ![...asked.current].some((one) => (one !== '' && pointer === one) || pointer.startsWith(`${one}/`)))
    setUnplaced((known) => (JSON.stringify(known) === JSON.stringify(left) ? known : left))
  }, [places])
  return { at, unplaced }
}
