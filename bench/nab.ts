import { spawnSync } from 'node:child_process'
import { cp } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { createAnomalyDetector } from '../packages/core/src/rules/anomaly/detector.ts'
import { inTemporaryFolder } from './temporary-folder.ts'

/** What the scorer prints for one profile of costs. */
interface NabScore {
  readonly score: number
  readonly threshold: number
  readonly windows: number
  readonly windowsHit: number
  readonly episodes: number
  readonly falseEpisodes: number
}

/**
 * What the general anomaly detector finds in the series of this folder, by the benchmark's standard profile with the threshold that
 * suits these series best, and what a step takes. The series are unpacked into a folder that is removed afterwards.
 *
 * @param series folder with `data.tar.gz` and `labels/`
 * @param scorer the program that scores
 * @throws Error if the scorer or `tar` fails
 */
export async function measureNab(series: string, scorer: string): Promise<string> {
  const adapter = fileURLToPath(new URL('nab-adapter.ts', import.meta.url))
  const { score, threshold, windows, windowsHit, episodes, falseEpisodes } = await inTemporaryFolder(async (copy) => {
    run('tar', ['-xzf', `${series}data.tar.gz`, '-C', copy])
    await cp(`${series}labels`, `${copy}/labels`, { recursive: true })
    const printed = run(process.execPath, [scorer, '--root', copy, '--cmd', `"${process.execPath}" "${adapter}"`, '--split', 'dev', '--json'])
    return (JSON.parse(printed) as { readonly standard: NabScore }).standard // what the scorer prints; another form shows as NaN below
  })
  return [
    `nab: ${score.toFixed(1)} in the standard profile at a score of ${threshold.toFixed(2)}`,
    `windows hit ${windowsHit}/${windows}`,
    `false alarm bursts ${falseEpisodes} of ${episodes}`,
    `${microsecondsAStep().toFixed(1)} µs a step`,
  ].join(', ')
}

/** The mean over 100,000 steps of a made-up series with a rhythm, after 20,000 of warming up. */
function microsecondsAStep(): number {
  const detector = createAnomalyDetector()
  const steps = (from: number, to: number): void => {
    for (let index = from; index < to; index++) detector.step(((index * 7919) % 101) + (index % 288 < 100 ? 10 : 50), index * 300_000)
  }
  steps(0, 20_000)
  const startNs = process.hrtime.bigint()
  steps(20_000, 120_000)
  return Number(process.hrtime.bigint() - startNs) / 1000 / 100_000
}

function run(command: string, words: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, words, { encoding: 'utf8', maxBuffer: 1 << 24 })
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`, { cause: error })
  return stdout
}
