import { hostname } from 'node:os'
import OpenAI from 'openai'
import { init } from 'tocsin'

/** Answers refunds with the real openai client, until the account has no quota left. */
const tocsin = init(process.env['DEMO_CONFIG'], { data: process.env['DEMO_DATA'] ?? '.tocsin' })
const openai = tocsin.observe(new OpenAI({ baseURL: process.env['DEMO_MODEL_URL'], apiKey: process.env['DEMO_MODEL_KEY'], maxRetries: 2 }))

async function ask(question: string): Promise<string> {
  const answer = await openai.chat.completions.create({ model: 'gpt-5-mini', messages: [{ role: 'user', content: question }] })
  return answer.choices[0]?.message.content ?? ''
}

async function streamed(question: string): Promise<string> {
  let text = ''
  const stream = await openai.chat.completions.create({ model: 'gpt-5-mini', stream: true, stream_options: { include_usage: true }, messages: [{ role: 'user', content: question }] })
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
  return text
}

async function refund(order: string): Promise<void> {
  await ask(`Is order ${order} within its refund window?`)
  await tocsin.tool('lookUpOrder', async (id: string) => ({ id, paid: 42 }), order)
  await streamed(`Write to the customer of order ${order}.`)
  await tocsin.operation('settle', () => ask(`Settle order ${order}.`))
}

await tocsin
  .session('refund', () => refund('A-1093'), {
    agent: 'refund-bot',
    user: 'customer-77',
    tags: { team: 'support' },
    configuration: { model: 'gpt-5-mini', retries: 2, machine: hostname(), apiKey: process.env['DEMO_MODEL_KEY'] },
  })
  .catch((failure: unknown) => {
    if (!(failure instanceof OpenAI.RateLimitError)) throw failure
  })
await tocsin.close()
