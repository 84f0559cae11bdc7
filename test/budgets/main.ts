import { parseArgs } from 'node:util'
import { systemClock } from '../../packages/core/src/model/clock.ts'
import { faultNamed, faults } from './faults.ts'
import { manyRuns } from './many.ts'

const usage = `npm run sim:budgets -- [--runs N] [--seed N] [--fault NAME]

  --runs N      so many runs, 1 to 1000000; 1000 without it
  --seed N      the first seed, 1 without it; with --runs 1 one run again
  --fault NAME  plants one fault, which the runs must catch: ${faults.map(({ name }) => name).join(', ')}

Exit codes: 0 everything was told exactly once, 1 not, 2 wrong usage.`

/** The command behind `npm run sim:budgets`. */
async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { runs: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' }, fault: { type: 'string' }, help: { type: 'boolean' } } })
  if (values.help === true) {
    console.log(usage)
    return 0
  }
  const runs = wholeOf(values.runs, 'runs')
  const seed = wholeOf(values.seed, 'seed')
  const fault = faultNamed(values.fault)
  const startedMs = systemClock.monotonicMs()
  const sum = { commits: 0, deaths: 0, resent: 0, crossings: 0, forecasts: 0 }
  let wrong = 0
  await manyRuns(seed, seed + runs - 1, {
    ...(fault !== undefined && { fault }),
    onResult(result) {
      sum.commits += result.commits
      sum.deaths += result.deaths
      sum.resent += result.resent
      sum.crossings += result.crossings
      sum.forecasts += result.forecasts
      if (result.violation === undefined) return
      wrong += 1
      if (wrong <= 10) console.log(`seed ${result.seed}: ${result.violation}`)
    },
  })
  const tookS = (systemClock.monotonicMs() - startedMs) / 1_000
  const text = (count: number): string => count.toLocaleString('en-US')
  console.log(
    `budgets: ${text(runs)} runs, ${text(sum.commits)} commits, ${text(sum.deaths)} deaths, ${text(sum.resent)} events sent again; ` +
      `${text(sum.crossings)} crossings and ${text(sum.forecasts)} forecasts to tell, ${wrong === 0 ? 'each told exactly once' : `${text(wrong)} runs told otherwise`} (${tookS.toFixed(1)} s)`,
  )
  return wrong === 0 ? 0 : 1
}

function wholeOf(text: string, name: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text) || Number(text) > 1_000_000) throw new RangeError(`expected --${name} to be a whole number from 1 to 1000000, found "${text}"`)
  return Number(text)
}

/** A wrong option, number or name, and nothing else, is wrong usage. */
function isWrongUsage(failure: unknown): failure is Error {
  return failure instanceof RangeError || (failure instanceof TypeError && 'code' in failure && String(failure.code).startsWith('ERR_PARSE_ARGS'))
}

process.exitCode = await main(process.argv.slice(2)).catch((failure: unknown) => {
  if (!isWrongUsage(failure)) throw failure
  console.error(`${failure.message}\n\n${usage}`)
  return 2
})
