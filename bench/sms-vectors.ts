import { readFileSync } from 'node:fs'
import { segmentsOf } from '../packages/core/src/model/sms-segments.ts'

/** A text message, and what others say it costs. */
interface SmsVector {
  readonly body: string
  readonly encoding: string
  readonly segments: number
}

/** How many of the public vectors in this folder are counted as they say. */
export function measureSms(folder: string): string {
  const counted = ['sms-vectors', 'sms-blns-oracle'].map((name) => {
    const vectors = readFileSync(`${folder}${name}.jsonl`, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as SmsVector) // what the file holds; another form counts as wrong below
    const wrong = vectors.filter(({ body, encoding, segments }) => {
      const own = segmentsOf(body)
      return own.encoding !== encoding || own.count !== segments
    })
    const first = wrong[0] === undefined ? '' : `, the first is ${JSON.stringify(wrong[0].body.slice(0, 40))}: ${JSON.stringify(segmentsOf(wrong[0].body))}, expected ${wrong[0].encoding} ${wrong[0].segments}`
    return `${vectors.length - wrong.length} of ${vectors.length} in ${name}${first}`
  })
  return `sms: alphabet and segments as expected for ${counted.join(', ')}`
}
