import OpenAI from 'openai'
import type * as Tocsin from '../packages/core/src/index.ts'
import { agentSettings } from './agent-process.ts'

/** A small agent: 100 calls of a model by the real client, then it sits idle until memory has settled. */
export type MemoryReport = Readonly<Record<'residentMb', number>>

const calls = 100
const settleMs = 1_500

const { door, data, ports } = agentSettings()
const openai = new OpenAI({ apiKey: 'test', baseURL: `http://127.0.0.1:${ports[0]}/v1` })
// The door of the built package has the types of its source.
const tocsin = door === undefined ? undefined : ((await import(door)) as typeof Tocsin)
const client = tocsin?.init({ channels: { inbox: { type: 'inbox' } }, people: { dana: { role: 'owner' } } }, { data })
client?.observe(openai)
const ask = async (): Promise<void> => {
  for (let call = 0; call < calls; call += 1) await openai.chat.completions.create({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: `Question ${call}` }] })
}
if (client === undefined) await ask()
else await client.session('answer-ticket', ask)
await client?.flush()
for (let round = 0; round < 3; round += 1) {
  globalThis.gc?.()
  await new Promise((resolve) => {
    setTimeout(resolve, settleMs / 3)
  })
}
const report: MemoryReport = { residentMb: process.memoryUsage.rss() / 2 ** 20 }
await client?.close()
console.log(JSON.stringify(report))
