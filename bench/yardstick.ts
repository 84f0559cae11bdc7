import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { withBuiltPackage } from './built-package.ts'
import redact from './redaction-adapter.ts'
import { measureGrowth } from './redaction-growth.ts'
import { measureNab } from './nab.ts'
import { measureSms } from './sms-vectors.ts'
import { measureSpend } from './spend.ts'
import { measureSsrf } from './ssrf.ts'

/**
 * `npm run yardstick -- nab | redaction | ssrf | sms | spend`: measures the product's own module with public data, if it lies beside the checkout,
 * and prints one line. Nothing of that data is in the project, and no test needs it.
 * Exit codes: 0 measured, 1 the scorer failed, 2 wrong usage or no data.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const yardsticks = fileURLToPath(new URL('../../shared/yardsticks/', import.meta.url))

const measures: Readonly<Record<string, () => string | Promise<string>>> = { nab: () => measureNab(`${yardsticks}nab/`, `${yardsticks}nab-score/score.mjs`), redaction: measureRedaction, ssrf: () => measureSsrf(`${yardsticks}ssrf/urls.jsonl.gz`), sms: () => measureSms(`${yardsticks}fuzz/`), spend: () => measureSpend(`${yardsticks}spend/`) }

const [name, ...more] = process.argv.slice(2)
const measure = name === undefined ? undefined : measures[name]
if (measure === undefined || more.length > 0) {
  stop(2, `usage: npm run yardstick -- ${Object.keys(measures).join(' | ')}`)
} else if (existsSync(yardsticks)) console.log(await measure())
else stop(2, `There is nothing to measure with: ${yardsticks} does not exist.`)

interface RedactionScore {
  readonly usPerKB: number
  readonly worstCallMs: number
  readonly tab: {
    readonly recall: Readonly<Record<string, readonly [number, number]>>
    readonly 'false positives': Readonly<Record<string, readonly [number, number]>>
  }
}

/** As JavaScript, as it is published: Node's stripper of types would still be compiled on other threads while the first texts are read. */
async function measureRedaction(): Promise<string> {
  const scorer = await withBuiltPackage(['redaction-adapter.ts'], ({ agent }) => Promise.resolve(spawnSync(process.execPath, [`${yardsticks}redaction/score.mjs`, agent('redaction-adapter.ts'), '--split', 'dev', '--json'], { cwd: root, encoding: 'utf8' })))
  if (scorer.status !== 0) stop(1, `The scorer failed: ${scorer.stderr}`)
  // The scorer prints what RedactionScore says; a change of its form shows at once as NaN below.
  const score = JSON.parse(scorer.stdout) as RedactionScore
  return [
    `redaction: secrets ${share(score.tab.recall['secrets all'])}`,
    `personal data ${share(score.tab.recall['PII all'])}`,
    `false positives ${share(score.tab['false positives']['all'])}`,
    `${score.usPerKB.toFixed(1)} µs/KB`,
    `slowest call ${score.worstCallMs.toFixed(1)} ms`,
    measureGrowth(redact),
  ].join(', ')
}

function share([part, whole]: readonly [number, number] = [Number.NaN, 1]): string {
  return `${((100 * part) / whole).toFixed(1)} %`
}

function stop(code: 1 | 2, why: string): never {
  console.error(why)
  process.exit(code)
}
