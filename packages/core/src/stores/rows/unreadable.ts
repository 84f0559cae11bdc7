/** A row that cannot be read. One of them must not keep the others from being read. */
export class UnreadableRow extends Error {}

/** Hears of a row that cannot be read, such as `alert 12`, and why. */
export type TellUnreadable = (row: string, why: string) => void

/** Rows that are told of; where there are more, the file has a greater fault than notices can describe. */
const toldMax = 100

/** Tells the operator of each row once. */
export function unreadableTeller(notice: (text: string) => void): TellUnreadable {
  const told = new Set<string>()
  return (row, why) => {
    if (told.has(row) || told.size >= toldMax) return
    told.add(row)
    notice(`Part of the database cannot be read: ${row} (${why}). Everything else goes on.`)
  }
}

/** What `read` makes of a row; absent where the row cannot be read. */
export function readOrTell<T>(tell: TellUnreadable, row: string, read: () => T): T | undefined {
  try {
    return read()
  } catch (unreadable) {
    if (!(unreadable instanceof UnreadableRow)) throw unreadable
    tell(row, unreadable.message)
    return undefined
  }
}
