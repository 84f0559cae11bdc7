import type { Result } from './run.ts'

const columns = ['seed', 'virtual', 'events', 'again', 'refused', 'alerts', 'sends', 'arrived', 'crashes', 'faults', 'commits', 'checks', 'digest', 'verdict'] as const
const widths: Readonly<Record<(typeof columns)[number], number>> = {
  seed: 6, virtual: 8, events: 6, again: 5, refused: 7, alerts: 6, sends: 6, arrived: 7, crashes: 7, faults: 6, commits: 7, checks: 6, digest: 16, verdict: 7,
}

export function headText(): string {
  return columns.map((column) => column.padStart(widths[column])).join('  ')
}

/** One world in one line. */
export function lineText({ seed, virtualMs, counts, digest, violations }: Result): string {
  const values: Readonly<Record<(typeof columns)[number], string | number>> = {
    seed,
    virtual: `${(virtualMs / 60_000).toFixed(0)} min`,
    events: counts.events,
    again: counts.resent,
    refused: counts.refused,
    alerts: counts.alerts,
    sends: counts.handed,
    arrived: counts.received,
    crashes: counts.crashes,
    faults: counts.faults,
    commits: counts.transactions,
    checks: counts.checks,
    digest,
    verdict: violations.length === 0 ? 'holds' : 'FAILED',
  }
  return columns.map((column) => String(values[column]).padStart(widths[column])).join('  ')
}

/** What was violated, what led to it, and how to see it again. */
export function failureText(result: Result, planted: string | undefined): string {
  const shown = result.violations.slice(0, violationsShown)
  const more = result.violations.length - shown.length
  return [
    '',
    ...shown.map(({ invariant, elapsedMs, what }) => `  ${invariant} at ${(elapsedMs / 1_000).toFixed(3)} s: ${what}`),
    ...(more > 0 ? [`  … and ${more} more`] : []),
    '  what led to the first:',
    ...result.tail.slice(-tailShown).map((line) => `  ${line}`),
    `  again: npm run sim -- --seed ${result.seed}${planted === undefined ? '' : ` --break ${planted}`} --trace`,
    '',
  ].join('\n')
}

const violationsShown = 5
const tailShown = 25

export function summaryText(results: readonly Result[], tookMs: number): string {
  const sum = (of: (result: Result) => number): string => results.reduce((total, result) => total + of(result), 0).toLocaleString('en')
  const failed = results.filter(({ violations }) => violations.length > 0)
  const violated = [...new Set(failed.flatMap(({ violations }) => violations.map(({ invariant }) => invariant)))]
  return [
    '',
    `${results.length} worlds, ${sum(({ virtualMs }) => Math.round(virtualMs / 3_600_000))} hours in ${(tookMs / 1_000).toFixed(1)} s: ` +
      `${sum(({ counts }) => counts.events)} events (${sum(({ counts }) => counts.resent)} given again), ${sum(({ counts }) => counts.alerts)} alerts, ` +
      `${sum(({ counts }) => counts.handed)} sends of which ${sum(({ counts }) => counts.received)} arrived, ` +
      `${sum(({ counts }) => counts.crashes)} crashes, ${sum(({ counts }) => counts.faults)} faults in all, ${sum(({ counts }) => counts.checks)} checks.`,
    failed.length === 0 ? 'All invariants held.' : `${failed.length} failed (seeds ${failed.map(({ seed }) => seed).slice(0, 20).join(', ')}): ${violated.join(', ')}.`,
  ].join('\n')
}
