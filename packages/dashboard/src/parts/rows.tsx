import { Checkbox } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { defaultRangeExtractor, useWindowVirtualizer, type Range } from '@tanstack/react-virtual'
import { memo, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type CSSProperties, type MouseEvent, type ReactElement, type ReactNode } from 'react'
import { useKeys, type KeyAct } from '../keys/keys'
import { useSay } from '../words/say'
import { Loading } from './states'
import classes from './rows.module.css'

export interface Column<Row> {
  readonly id: string
  readonly head: string
  /** A track of the grid, such as `minmax(0, 1fr)` or `7rem`. */
  readonly width: string
  readonly cell: (row: Row) => ReactNode
  readonly align?: 'end'
  /** On a phone a row is a card: what stands on a line of its own, first, with its head as a label, or nowhere. */
  readonly card?: 'title' | 'first' | 'labelled' | 'none'
}

export interface Selection {
  readonly chosen: ReadonlySet<string>
  choose(chosen: ReadonlySet<string>): void
}

interface RowsProps<Row> {
  /** What the list is of, for screen readers. */
  readonly label: string
  readonly rows: readonly Row[]
  readonly idOf: (row: Row) => string
  readonly columns: readonly Column<Row>[]
  /** Where a row leads; the column of this id holds the link. */
  readonly linkOf: (row: Row) => string
  readonly linkIn: string
  /** Keys and boxes select; absent: nothing is selected here. */
  readonly selection?: Selection | undefined
  /** A heading above a row that begins another group than the one before. */
  readonly groupOf?: (row: Row) => string
  /** Asks for more when the end comes near. */
  readonly more?: { readonly has: boolean; readonly isLoading: boolean; load(): void } | undefined
  /** Each time that it is another number, the focus goes to the first row. */
  readonly showsTop?: number
  /** What is shown is being asked for anew. */
  readonly isStale?: boolean
  readonly isDimmed?: (row: Row) => boolean
  /** Called with the row that has the focus. */
  readonly onCurrent?: (id: string) => void
}

const estimatedPx = 45
/** Rows from the end at which more is asked for. */
const nearEnd = 15
const headPx = 90

type Entry<Row> = { readonly group: string } | { readonly row: Row; readonly id: string; readonly number: number }

/**
 * A long list as a table of which only what is seen exists: `j k` move the focus from row to row, `Enter` opens, `x` selects. Rows are known by
 * their ids: what changes, changes in place, and neither focus nor place of reading move.
 */
export function Rows<Row>({ label, rows, idOf, columns, linkOf, linkIn, selection, groupOf, more, showsTop = 0, isStale = false, isDimmed, onCurrent }: RowsProps<Row>): ReactElement {
  const say = useSay()
  const list = useRef<HTMLDivElement>(null)
  const current = useRef<string>('')
  const wantsFocus = useRef(false)
  const [marginPx, setMarginPx] = useState(0)
  const entries = useMemo(() => entriesOf(rows, idOf, groupOf), [rows, idOf, groupOf])
  const indexes = useMemo(() => new Map(entries.flatMap((entry, index) => ('row' in entry ? [[entry.id, index] as const] : []))), [entries])
  // Rows of one list are mostly of one height: those that are not seen yet are taken for as high as the first, and moving there moves nothing.
  const rowPx = useRef(estimatedPx)
  useLayoutEffect(() => {
    rowPx.current = list.current?.querySelector<HTMLElement>('[data-row]')?.parentElement?.offsetHeight ?? estimatedPx
  }, [entries])
  // What stands above may grow at any time; the same number again draws nothing.
  useLayoutEffect(() => setMarginPx(Math.round((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY)))

  const virtualizer = useWindowVirtualizer<HTMLDivElement>({
    count: entries.length,
    estimateSize: () => rowPx.current,
    overscan: 8,
    scrollMargin: marginPx,
    scrollPaddingStart: headPx,
    // The same function while the entries are the same: another one has all of them measured anew, however many.
    getItemKey: useCallback((index: number) => keyOf(entries[index]), [entries]),
    // The row that has the focus stays, wherever one scrolls to: else the focus would be lost with it.
    rangeExtractor: (range: Range) => {
      const shown = defaultRangeExtractor(range)
      const kept = indexes.get(current.current)
      return kept === undefined || shown.includes(kept) ? shown : [...shown, kept].sort((one, other) => one - other)
    },
  })
  const shown = virtualizer.getVirtualItems()
  const lastShown = shown.at(-1)?.index ?? 0
  const wantsMore = more !== undefined && more.has && !more.isLoading && lastShown >= entries.length - nearEnd
  const latest = useRef(more)
  latest.current = more
  useEffect(() => {
    if (wantsMore) latest.current?.load()
  }, [wantsMore])

  const focusRow = useCallback((id: string): boolean => {
    const link = list.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"] a`)
    link?.focus({ preventScroll: true })
    return link !== null && link !== undefined
  }, [])
  const shownTop = useRef(showsTop)
  useLayoutEffect(() => {
    if (shownTop.current === showsTop) return
    shownTop.current = showsTop
    const first = entries.find((entry) => 'row' in entry)
    if (first === undefined) return
    current.current = first.id
    wantsFocus.current = true
  }, [showsTop, entries])
  useLayoutEffect(() => {
    if (wantsFocus.current && focusRow(current.current)) wantsFocus.current = false
  })
  const go = (step: 1 | -1): void => {
    const isInside = list.current?.contains(document.activeElement) === true
    let index = (indexes.get(current.current) ?? -1) + (isInside || !indexes.has(current.current) ? step : 0)
    while (entries[index] !== undefined && !('row' in (entries[index] ?? {}))) index += step
    const entry = entries[index]
    if (entry === undefined || !('row' in entry)) return
    current.current = entry.id
    wantsFocus.current = !focusRow(entry.id)
    virtualizer.scrollToIndex(index, { align: 'auto' })
  }
  const choose = (id: string, isWith: boolean): void => {
    if (selection === undefined) return
    const chosen = new Set(selection.chosen)
    const [from, to] = [indexes.get(lastChosen.current), indexes.get(id)].sort((one, other) => (one ?? 0) - (other ?? 0))
    if (isWith && from !== undefined && to !== undefined) {
      for (const entry of entries.slice(from, to + 1)) if ('row' in entry) chosen.add(entry.id)
    } else if (!chosen.delete(id)) chosen.add(id)
    lastChosen.current = id
    selection.choose(chosen)
  }
  const lastChosen = useRef('')
  // The same functions at each drawing: a row is drawn anew only when something of it has changed.
  const acting = useRef({ choose, onCurrent })
  acting.current = { choose, onCurrent }
  const chooseLatest = useCallback((id: string, isWith: boolean) => acting.current.choose(id, isWith), [])
  const focusLatest = useCallback((id: string) => {
    current.current = id
    acting.current.onCurrent?.(id)
  }, [])
  const selectLabel = say('rows.select')
  const acts: KeyAct[] = [
    { keys: 'j', word: 'keys.next', group: 'list', run: () => go(1) },
    { keys: 'k', word: 'keys.previous', group: 'list', run: () => go(-1) },
  ]
  if (selection !== undefined) acts.push({ keys: 'x', word: 'keys.select', group: 'list', run: () => void (indexes.has(current.current) && choose(current.current, false)) })
  useKeys(rows.length === 0 ? [] : acts)

  const areAll = selection !== undefined && rows.length > 0 && rows.every((row) => selection.chosen.has(idOf(row)))
  // Reason for the cast: React's type knows no custom properties.
  const grid = { '--row-columns': [...(selection === undefined ? [] : ['1.75rem']), ...columns.map(({ width }) => width)].join(' ') } as CSSProperties
  return (
    <>
    <div className={`${classes['rows']} ${isStale ? classes['stale'] : ''}`} style={grid} role="table" aria-label={label} aria-rowcount={more?.has === true ? -1 : rows.length + 1} aria-busy={isStale}>
      <div role="rowgroup" style={{ display: 'contents' }}>
        <div role="row" aria-rowindex={1} className={classes['head']}>
          {selection !== undefined && (
            <div role="columnheader">
              <Checkbox size="xs" aria-label={say('rows.select-all')} checked={areAll} indeterminate={!areAll && selection.chosen.size > 0} onChange={() => selection.choose(areAll ? new Set() : new Set(rows.map(idOf)))} />
            </div>
          )}
          {columns.map(({ id, head, align }) => (
            <div key={id} role="columnheader" data-head className={align === 'end' ? classes['end'] : undefined}>
              {head}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" ref={list} className={classes['window']} style={{ height: virtualizer.getTotalSize() }}>
        {shown.map(({ key, index, start }) => {
          const entry = entries[index]
          if (entry === undefined) return null
          const place: CSSProperties = { transform: `translateY(${start - virtualizer.options.scrollMargin}px)` }
          if (!('row' in entry))
            return (
              <div key={key} ref={virtualizer.measureElement} data-index={index} className={classes['place']} style={place} role="row">
                <div role="cell" aria-colspan={columns.length + (selection === undefined ? 0 : 1)} className={classes['group']}>
                  {entry.group}
                </div>
              </div>
            )
          const { row, id, number } = entry
          return (
            <div key={key} ref={virtualizer.measureElement} data-index={index} className={classes['place']} style={place} role="none">
              <RowOf
                row={row} id={id} number={number} columns={columns} linkIn={linkIn} to={linkOf(row)} isDimmed={isDimmed?.(row) === true}
                isChosen={selection === undefined ? undefined : selection.chosen.has(id)} selectLabel={selectLabel} choose={chooseLatest} focus={focusLatest}
              />
            </div>
          )
        })}
      </div>
    </div>
    {more?.isLoading === true && <Loading rows={2} />}
    </>
  )
}

interface RowOfProps<Row> {
  readonly row: Row
  readonly id: string
  /** Its place in the list, from 0. */
  readonly number: number
  readonly columns: readonly Column<Row>[]
  readonly linkIn: string
  readonly to: string
  readonly isDimmed: boolean
  /** `undefined`: nothing is selected here. */
  readonly isChosen: boolean | undefined
  readonly selectLabel: string
  readonly choose: (id: string, isWith: boolean) => void
  readonly focus: (id: string) => void
}

function RowShown<Row>({ row, id, number, columns, linkIn, to, isDimmed, isChosen, selectLabel, choose, focus }: RowOfProps<Row>): ReactElement {
  return (
    <div role="row" aria-rowindex={number + 2} data-row={id} className={classes['row']} data-dimmed={isDimmed} {...(isChosen !== undefined && { 'aria-selected': isChosen })} onFocus={() => focus(id)} onClick={openAnywhere}>
      {isChosen !== undefined && (
        <div role="cell" className={classes['cell']} data-card="first">
          <Checkbox size="xs" aria-label={selectLabel} checked={isChosen} onChange={() => undefined} onClick={(event) => choose(id, event.shiftKey)} />
        </div>
      )}
      {columns.map((column) => {
        const content = column.cell(row)
        const isEmpty = content === undefined || content === null || content === false || content === ''
        return (
          <div key={column.id} role="cell" data-card={column.card} className={`${classes['cell']} ${column.align === 'end' ? `${classes['end']} ${classes['number']}` : ''}`}>
            {column.card === 'labelled' && !isEmpty && <span className={classes['label']}>{column.head} </span>}
            {column.id === linkIn ? (
              <Link to={to} className={classes['link'] ?? ''} preload={false}>
                {content}
              </Link>
            ) : (
              content
            )}
          </div>
        )
      })}
    </div>
  )
}

// Reason for the cast: `memo` forgets that the row and its columns are of one kind.
const RowOf = memo(RowShown) as typeof RowShown

/** The whole row leads where its link leads, but for what has an act of its own, and for who marks words with the mouse. */
function openAnywhere(event: MouseEvent<HTMLElement>): void {
  if (event.defaultPrevented || event.button !== 0 || !(event.target instanceof Element)) return
  if (event.target.closest('a, button, input, label') !== null || (getSelection()?.toString() ?? '') !== '') return
  event.currentTarget.querySelector<HTMLAnchorElement>('a')?.click()
}

function keyOf(entry: Entry<unknown> | undefined): string {
  return entry === undefined ? '' : 'row' in entry ? entry.id : `group ${entry.group}`
}

function entriesOf<Row>(rows: readonly Row[], idOf: (row: Row) => string, groupOf?: (row: Row) => string): readonly Entry<Row>[] {
  const entries: Entry<Row>[] = []
  let group = ''
  for (const [number, row] of rows.entries()) {
    const own = groupOf?.(row) ?? ''
    if (own !== group) entries.push({ group: own })
    group = own
    entries.push({ row, id: idOf(row), number })
  }
  return entries
}
