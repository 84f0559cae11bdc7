/** Something that must finish before the process ends. All begin before the first is waited for, so that they share one wait. */
export interface Leaving {
  /** @returns waits for the end of it */
  beginExit(): (() => void) | undefined
}

/** Bounded by what the program opens and does not close. */
const open = new Set<Leaving>()

/** However many clients there are, the process has one listener of ours, and none when all are closed. */
export function watchExit(one: Leaving): void {
  if (open.size === 0) process.on('exit', onExit)
  open.add(one)
}

export function unwatchExit(one: Leaving): void {
  open.delete(one)
  if (open.size === 0) process.off('exit', onExit)
}

function onExit(): void {
  const waits = [...open].map((one) => one.beginExit())
  for (const wait of waits) wait?.()
}
