import { spawnSync } from 'node:child_process'
import { cp } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { createSpendDetector, spendIntervalMs } from '../packages/core/src/rules/spend-anomaly/detector.ts'
import { inTemporaryFolder } from './temporary-folder.ts'

/** What the scorer prints for the budget of one false alarm a series and week. */
interface SpendScore {
  readonly budget: number
  readonly T: number
  readonly falsePerSeriesWeek: number
  readonly recall: number
  readonly byKind: Readonly<Record<string, string>>
}

/**
 * What the spend detector finds in the series of this folder, at one false alarm a series and week, and what a step takes.
 * The scorer is run on its own, beside the unpacked series, in a folder that is removed afterwards.
 *
 * @throws Error if the scorer or `tar` fails
 */
export async function measureSpend(folder: string): Promise<string> {
  const adapter = fileURLToPath(new URL('spend-adapter.ts', import.meta.url))
  const score = await inTemporaryFolder(async (copy) => {
    for (const name of ['score.mjs', 'labels.json', 'burstiness.json']) await cp(`${folder}${name}`, `${copy}/${name}`)
    run('tar', ['-xzf', `${folder}dev.tar.gz`, '-C', copy])
    const lines = run(process.execPath, [`${copy}/score.mjs`, '--module', adapter, '--split', 'dev']).trim().split('\n')
    const scores = lines.map((line) => JSON.parse(line) as SpendScore) // what the scorer prints; another form shows as undefined below
    return scores.find(({ budget }) => budget === 1)
  })
  if (score === undefined) throw new Error('The scorer has printed nothing for a budget of 1.')
  const kinds = Object.entries(score.byKind).map(([kind, found]) => `${kind} ${found}`)
  return `spend: recall ${score.recall} %, ${score.falsePerSeriesWeek} false alarms a series and week at a score of ${score.T.toFixed(2)}, ${kinds.join(', ')}, ${microsecondsAStep().toFixed(1)} µs a step`
}

/** The mean over a hundred weeks of a made-up series, after one of warming up: processor time, so that what else runs does not count. */
function microsecondsAStep(): number {
  const detector = createSpendDetector()
  const steps = (from: number, to: number): void => {
    for (let i = from; i < to; i += 1) detector.step(((i * 7919) % 101) * (i % 144 < 60 ? 0.01 : 0.05), i * spendIntervalMs)
  }
  const week = 1008
  steps(0, week)
  const start = process.cpuUsage()
  steps(week, 101 * week)
  const { user, system } = process.cpuUsage(start)
  return (user + system) / (100 * week)
}

function run(command: string, words: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, words, { encoding: 'utf8', maxBuffer: 1 << 24 })
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`, { cause: error })
  return stdout
}
