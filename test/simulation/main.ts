import { parseArgs } from 'node:util'
import { systemClock } from '../../packages/core/src/model/clock.ts'
import { breaks } from './breaks.ts'
import { invariants } from './journal.ts'
import { failureText, headText, lineText, summaryText } from './report.ts'
import { simulate } from './run.ts'
import type { Result } from './run.ts'

const usage = `npm run sim -- [--seed N | --seeds A..B] [--break NAME] [--trace] [--json] [--list]

  --seed N      one world; the same seed gives the same world and the same result
  --seeds A..B  all worlds from A to B; without either, 1..20
  --break NAME  plants one fault from outside, which an invariant must catch
  --trace       prints all that happens
  --json        prints one JSON object
  --list        prints the faults that can be planted, and the invariants

Exit codes: 0 all invariants held, 1 one was violated, 2 wrong usage.`

const seedsMax = 100_000

/** The command behind `npm run sim`. */
async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { seed: { type: 'string' }, seeds: { type: 'string' }, break: { type: 'string' }, trace: { type: 'boolean' }, json: { type: 'boolean' }, list: { type: 'boolean' }, help: { type: 'boolean' } },
  })
  if (values.help === true) return print(usage)
  if (values.list === true) return print(values.json === true ? JSON.stringify({ breaks: breaks.map(({ name, says, violates }) => ({ name, says, violates })), invariants }) : listText())
  const [from, to] = rangeOf(values)
  const isQuiet = values.json === true
  const startedMs = systemClock.monotonicMs()
  const results: Result[] = []
  if (!isQuiet) print(headText())
  for (let seed = from; seed <= to; seed += 1) {
    const result = await simulate(seed, { ...(values.break !== undefined && { break: values.break }), ...(values.trace === true && !isQuiet && { print }) })
    results.push(result)
    if (!isQuiet) print(lineText(result))
    if (!isQuiet && result.violations.length > 0) print(failureText(result, values.break))
  }
  const tookMs = systemClock.monotonicMs() - startedMs
  if (isQuiet) print(JSON.stringify({ break: values.break ?? null, tookMs: Math.round(tookMs), worlds: results }))
  else print(summaryText(results, tookMs))
  return results.some(({ violations }) => violations.length > 0) ? 1 : 0
}

function rangeOf({ seed, seeds }: { readonly seed?: string; readonly seeds?: string }): readonly [number, number] {
  const match = /^(\d{1,9})(?:\.\.(\d{1,9}))?$/.exec(seed ?? seeds ?? '1..20')
  if (match === null || (seed !== undefined && match[2] !== undefined)) throw new RangeError('expected --seed N or --seeds A..B')
  const from = Number(match[1])
  const to = Number(match[2] ?? match[1])
  if (to < from || to - from >= seedsMax) throw new RangeError(`expected a range of 1 to ${seedsMax} seeds, found ${from}..${to}`)
  return [from, to]
}

function listText(): string {
  const width = Math.max(...breaks.map(({ name }) => name.length))
  return [
    'Faults that can be planted (--break), and the invariant that catches each:',
    ...breaks.map(({ name, says, violates }) => `  ${name.padEnd(width)}  ${violates.padEnd(24)}  ${says}`),
    '',
    'Invariants:',
    ...Object.entries(invariants).map(([name, says]) => `  ${name.padEnd(24)}  ${says}`),
  ].join('\n')
}

function print(text: string): number {
  console.log(text)
  return 0
}

/** A wrong option or a wrong name, and nothing else, is wrong usage. */
function isWrongUsage(failure: unknown): failure is Error {
  return failure instanceof RangeError || (failure instanceof TypeError && 'code' in failure && String(failure.code).startsWith('ERR_PARSE_ARGS'))
}

process.exitCode = await main(process.argv.slice(2)).catch((failure: unknown) => {
  if (!isWrongUsage(failure)) throw failure
  console.error(`${failure.message}\n\n${usage}`)
  return 2
})
