/** Worlds that once found a fault, and which: they stay, so that it does not come back. */
export const seedsThatFailed: readonly { readonly seed: number; readonly found: string }[] = [
]
