/** Shares of its amount at which a budget tells, unless it has its own; as docs/configuration.md has them. */
export const thresholdsByDefault: readonly number[] = [0.5, 0.8, 0.95, 1]
