import { readFileSync } from 'node:fs'
import { createAnomalyDetector } from '../packages/core/src/rules/anomaly/detector.ts'

/**
 * `node bench/nab-adapter.ts < series.csv`: one score a row of `timestamp,value`, in the form that the scorer of `yardstick.ts`
 * asks for. With `--time` the last line of stderr is microseconds a step.
 */
const rows = readFileSync(0, 'utf8').split(/\r?\n/).filter((line) => line !== '').slice(1)
const series = rows.map((row) => {
  const [time = '', value = ''] = row.split(',')
  return { atMs: Date.parse(`${time.trim().slice(0, 19).replace(' ', 'T')}Z`), value: Number(value) }
})
const detector = createAnomalyDetector()
const scores = series.map(({ value, atMs }) => detector.step(value, atMs).score)
console.log(scores.join('\n'))
