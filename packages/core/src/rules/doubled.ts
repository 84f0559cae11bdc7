/**
 * Whether a number that grows has passed a limit, or twice, four times, … of it: what goes on is told again when there is
 * twice as much to tell, and not at each step.
 *
 * @param limit at least 1
 */
export function passedDoubling(before: number, after: number, limit: number): boolean {
  let bound = limit
  while (bound <= before) bound *= 2
  return after >= bound
}
