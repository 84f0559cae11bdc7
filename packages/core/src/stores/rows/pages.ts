import type { Page } from '../../model/reader.ts'

export const pageMax = 1_000
const pageDefault = 100

/** Row before which a page begins, and how many rows. */
export function range(page: Page = {}): [before: number, limit: number] {
  const limit = Math.min(Math.max(1, Math.floor(page.limit ?? pageDefault)), pageMax)
  return [page.before ?? Number.MAX_SAFE_INTEGER, limit]
}

/** Rows of a report that are looked at together. */
export function atOnce(limit: number): number {
  return Math.min(Math.max(1, Math.floor(limit)), 10_000)
}

/** Behind every id. */
export const lastId = '\u{10ffff}'
