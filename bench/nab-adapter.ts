import { readFileSync } from 'node:fs'
import { createAnomalyDetector } from '../packages/core/src/rules/anomaly/detector.ts'

/** `node bench/nab-adapter.ts < series.csv`: one score a row of `timestamp,value`, in the form that the scorer of `nab.ts` asks for. */
const [, ...rows] = readFileSync(0, 'utf8').split(/\r?\n/).filter((line) => line !== '')
const detector = createAnomalyDetector()
const scores = rows.map((row) => {
  const [time = '', value = ''] = row.split(',')
  return detector.step(Number(value), Date.parse(`${time.trim().slice(0, 19).replace(' ', 'T')}Z`)).score
})
console.log(scores.join('\n'))
