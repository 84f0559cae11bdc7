import { DatabaseSync } from 'node:sqlite'
import { expect, test, vi } from 'vitest'
import { Conditions, type ListBackend } from './backend.ts'
import { page, type Walk } from './walk.ts'

const nobody = (): never => {
  throw new Error('not asked for here')
}
const rows = 3_000

/** One table of numbered rows, of which every hundredth is `rare`; each query takes so long. */
function world(queryMs: number) {
  const db = new DatabaseSync(':memory:')
  db.exec('create table things(project integer, at integer, id text, kind text, primary key(project, at, id)) without rowid')
  const insert = db.prepare('insert into things values (1, ?, ?, ?)')
  for (let number = 0; number < rows; number += 1) insert.run(Math.floor(number / 3), String(number).padStart(5, '0'), number % 100 === 0 ? 'rare' : 'usual')
  let nowMs = 0
  const all = vi.fn<(text: string, values: Parameters<ListBackend['all']>[1]) => void>()
  const backend: ListBackend = {
    tell: nobody, textAt: nobody, key: nobody, project: nobody, alertsOf: nobody, deliveriesOf: nobody, sessionsOf: nobody, eventsOf: nobody,
    clock: { monotonicMs: () => nowMs },
    async all<Row>(text: string, values: Parameters<ListBackend['all']>[1]) {
      nowMs += queryMs
      all(text, values)
      // The text says what its rows are.
      return db.prepare(text.replaceAll('@', '')).all(...values) as unknown as readonly Row[]
    },
  }
  return { backend, asked: () => all.mock.calls.map(([text]) => text) }
}

interface Place {
  readonly at: number
  readonly id: string
}

const walk: Walk<Place> = { table: 'things', within: new Conditions().and('project = ?', 1), order: ['at', 'id'], placeOf: ({ at, id }) => ({ at: Number(at), id: String(id) }), valuesOf: ({ at, id }) => [at, id] }
const rare = new Conditions().and('kind = ?', 'rare')

async function pagesOf({ backend }: ReturnType<typeof world>, of: Walk<Place>, ask: Pick<Parameters<typeof page>[2], 'limit' | 'looksMax' | 'isWhole'>): Promise<readonly (readonly string[])[]> {
  const pages: (readonly string[])[] = []
  let after: Place | undefined
  do {
    const { items, next }: { readonly items: readonly { readonly id: string }[]; readonly next?: Place } = await page(backend, of, { filter: rare, after, ...ask })
    pages.push(items.map(({ id }) => id))
    after = next
  } while (after !== undefined && pages.length < 200)
  return pages
}

const allRare = Array.from({ length: rows / 100 }, (_, nth) => String(nth * 100).padStart(5, '0'))

for (const oldestFirst of [false, true]) {
  const expected = oldestFirst ? allRare : allRare.toReversed()

  test(`where looking takes no time a page goes on to what it may look at; ${oldestFirst ? 'oldest' : 'newest'} first`, async () => {
    const pages = await pagesOf(world(0), { ...walk, oldestFirst }, { limit: 50, looksMax: 1_000 })
    expect(pages.map((ids) => ids.length)).toEqual([10, 10, 10, 0].slice(0, pages.length))
    expect(pages.flat()).toEqual(expected)
  })

  test(`where looking takes long a page ends early, says where to go on, and nothing is lost; ${oldestFirst ? 'oldest' : 'newest'} first`, async () => {
    const pages = await pagesOf(world(9), { ...walk, oldestFirst }, { limit: 50, looksMax: 1_000 })
    expect(pages.length).toBeGreaterThanOrEqual(rows / 100)
    expect(pages.flat()).toEqual(expected)
  })

  test(`a full page ends with its last row; ${oldestFirst ? 'oldest' : 'newest'} first`, async () => {
    const pages = await pagesOf(world(0), { ...walk, oldestFirst }, { limit: 4, looksMax: 1_000 })
    expect(pages[0]).toEqual(expected.slice(0, 4))
    expect(pages.flat()).toEqual(expected)
  })
}

test('what has to be whole does not end early', async () => {
  const [first] = await pagesOf(world(1_000), walk, { limit: 50, looksMax: 1_000, isWhole: true })
  expect(first).toHaveLength(10)
})

/** Of two that SQLite is given it takes one for the index, and reads all that the other forbids. */
test('for each end of what is walked one condition is said, the narrower one', async () => {
  const range = { from: 100, until: 900 }
  for (const oldestFirst of [false, true]) {
    for (const at of [50, 500, 950]) {
      const { backend, asked } = world(0)
      const { items } = await page<{ readonly at: number }, Place>(backend, { ...walk, range, oldestFirst }, { filter: rare, after: { at, id: '00000' }, limit: 50, looksMax: 3_000 })
      expect(items.every((row) => row.at >= 100 && row.at < 900 && (oldestFirst ? row.at >= at : row.at <= at))).toBe(true)
      expect(asked().filter((text) => / <.* </.test(text) || / >.* >/.test(text))).toEqual([])
    }
  }
})
