import { cursorOf } from './lists/asking.ts'

/** A page of a list, with where the next one begins; no `next`: there is none. */
export function pageAnswer<Item>(items: readonly Item[], next: unknown): { items: Item[]; next?: string } {
  return { items: [...items], ...(next !== undefined && { next: cursorOf(next) }) }
}
