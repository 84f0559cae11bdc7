import { useEffect, useMemo, useRef, useState } from 'react'
import { useChanged, useGone } from '../api/ask'
import { ProblemError, type ProblemPlace } from '../api/client'
import { useProject } from '../app/project'
import { putEntry, readEntry, removeEntry, type Basis, type Entry, type EntryPath } from './entry-calls'
import { dropDraft, keepDraft, keptDraft } from './kept-drafts'
import { useUnsavedGuard } from './unsaved'

/** Members that are given as `undefined` are taken away. */
export type Changes<V> = { readonly [K in keyof V]?: V[K] | undefined }

/** Something of the configuration while it is edited. */
export interface EntryDraft<V> {
  readonly name: string
  readonly value: V
  readonly isNew: boolean
  /** It differs from what is saved. */
  readonly isDirty: boolean
  readonly isBusy: boolean
  /** It was typed before this page was left, and is not saved yet. */
  readonly isRestored: boolean
  readonly problem: ProblemError | undefined
  /** What somebody else saved meanwhile; `null`: they deleted it. */
  readonly theirs: Entry<V> | null | undefined
  readonly rename: (name: string) => void
  readonly put: (value: V) => void
  readonly change: (part: Changes<V>) => void
  /** As it is saved. */
  readonly discard: () => void
  /** Theirs in the place of mine. */
  readonly takeTheirs: () => void
  /** What is saved, as far as is known here: where somebody else was faster, theirs; `undefined`: nothing is. */
  readonly stored: V | undefined
  /** @returns what is saved now; `undefined`: it is not, see `problem` and `theirs` */
  readonly save: () => Promise<Entry<V> | undefined>
  /** @returns what was there; `undefined`: it still is, see `problem` */
  readonly remove: () => Promise<Entry<V> | undefined>
}

interface DraftOptions<V> {
  readonly path: EntryPath
  /** As it was read last; absent: it is made new. */
  readonly entry: Entry<V> | undefined
  /** What something new begins with. */
  readonly blank: V
  /** A name to begin with. */
  readonly firstName?: string
  /** It is called so whether it is there or not. */
  readonly fixedName?: string
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

/** Loads, edits and saves one thing; what others change meanwhile and what was typed are both kept. */
export function useEntryDraft<V>({ path, entry, blank, fixedName, firstName = fixedName ?? '' }: DraftOptions<V>): EntryDraft<V> {
  const project = useProject()
  const changed = useChanged()
  const gone = useGone()
  const key = draftKey(project, path, entry?.name ?? fixedName)
  const kept = useMemo(() => keptDraft(key), [key])
  const isBehind = kept !== undefined && kept.etag !== entry?.etag
  // Reason for the casts of what is kept: it was kept under this path.
  const [name, setName] = useState(entry?.name ?? kept?.name ?? firstName)
  const [value, setValue] = useState<V>(kept === undefined ? (entry?.value ?? blank) : (kept.value as V))
  const [base, setBase] = useState<{ readonly value: V; readonly basis: Basis }>({ value: entry?.value ?? blank, basis: entry === undefined ? 'new' : { etag: kept?.etag ?? entry.etag } })
  const [theirs, setTheirs] = useState<Entry<V> | null | undefined>(isBehind ? entry : undefined)
  const [problem, setProblem] = useState<ProblemError>()
  const [isBusy, setIsBusy] = useState(false)
  const [isRestored, setIsRestored] = useState(kept !== undefined)
  const isNew = base.basis === 'new'
  const isDirty = !same(value, base.value) || (isNew && name !== firstName)

  const stored = theirs !== undefined ? theirs?.value : isNew ? undefined : base.value

  const latest = useRef({ name, value, base, isDirty })
  latest.current = { name, value, base, isDirty }

  // Read again: what nobody touched follows it; what was touched stays, and both are shown.
  const tag = entry?.etag
  useEffect(() => {
    const { base: known, isDirty: isTouched } = latest.current
    if (tag === (known.basis === 'new' ? undefined : known.basis.etag)) return
    if (isTouched) setTheirs(entry ?? null)
    else if (entry === undefined) {
      setBase({ value: blank, basis: 'new' })
      setValue(blank)
    } else {
      setBase({ value: entry.value, basis: { etag: entry.etag } })
      setValue(entry.value)
    }
    // By its tag alone: the same thing read again is another object.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [tag])

  useEffect(
    () => () => {
      const { isDirty: isLost, base: known, ...draft } = latest.current
      if (isLost) keepDraft(key, { name: draft.name, value: draft.value, ...(known.basis !== 'new' && { etag: known.basis.etag }) })
      else dropDraft(key)
    },
    [key],
  )
  useUnsavedGuard(isDirty)

  const settle = (saved: { readonly value: V; readonly basis: Basis }): void => {
    // Before the page is left by whoever hears of it.
    latest.current = { ...latest.current, value: saved.value, base: saved, isDirty: false }
    setBase(saved)
    setValue(saved.value)
    setTheirs(undefined)
    setProblem(undefined)
    setIsRestored(false)
  }

  async function trying<T>(work: () => Promise<T>): Promise<T | undefined> {
    setIsBusy(true)
    setProblem(undefined)
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      if (error.status === 412 && (!isNew || fixedName !== undefined) && isDirty) setTheirs(await readEntry<V>(path, name).catch(goneOrThrown))
      else {
        setProblem(error)
        // Nothing was typed that could be lost: what it is now is shown.
        if (error.status === 412) await changed(path)
      }
      return undefined
    } finally {
      setIsBusy(false)
    }
  }

  return {
    name, value, isNew, isDirty, isBusy, isRestored, problem, theirs, stored,
    rename: setName,
    put: setValue,
    // Reason for the cast: what is taken away is not there in JSON.
    change: (part) => setValue((known) => ({ ...(known as object), ...part }) as V),
    discard() {
      if (theirs === null && fixedName !== undefined) settle({ value: blank, basis: 'new' })
      else settle(theirs === undefined || theirs === null ? base : { value: theirs.value, basis: { etag: theirs.etag } })
      if (isNew) setName(firstName)
    },
    takeTheirs() {
      if (theirs !== undefined && theirs !== null) settle({ value: theirs.value, basis: { etag: theirs.etag } })
    },
    save: () =>
      trying(async () => {
        // Whoever saves again has seen theirs.
        const basis = theirs === undefined ? base.basis : theirs === null ? 'new' : { etag: theirs.etag }
        const saved = await putEntry(path, name.trim(), value, basis)
        settle({ value: saved.value, basis: { etag: saved.etag } })
        await changed(path)
        return saved
      }),
    remove: () =>
      trying(async () => {
        if (entry === undefined || base.basis === 'new') return undefined
        await removeEntry(path, entry.name, base.basis.etag)
        settle(base)
        await gone(path)
        return { ...entry, value: base.value }
      }),
  }
}

/** Under which name what is typed is kept: something new has none yet. */
export function draftKey(project: string, path: EntryPath, name = ''): string {
  return `${project} ${path} ${name}`
}

function goneOrThrown(error: unknown): null {
  if (error instanceof ProblemError && error.status === 404) return null
  throw error
}

/** What is said of the place at `pointer`, and of what is in it. */
export function saidAt(places: readonly ProblemPlace[], pointer: string): string | undefined {
  const said = places.filter((place) => place.pointer === pointer || place.pointer.startsWith(`${pointer}/`)).map(({ detail }) => detail)
  return said.length === 0 ? undefined : [...new Set(said)].join('; ')
}
