/**
 * Processor time that `work` took in this process, milliseconds: what it costs, also where it had to wait for a processor that others
 * used. Work that waits for anything costs nothing by this measure.
 *
 * @example
 * expect(cpuMs(() => redact(hostile))).toBeLessThan(2_000)
 */
export function cpuMs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}
