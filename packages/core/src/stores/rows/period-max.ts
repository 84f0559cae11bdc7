/** Longest period of a budget, and an hour for clocks that are put forward: what began earlier is closed. */
export const periodMaxMs = 31 * 86_400_000 + 3_600_000
