import OpenAI from 'openai'
import { init } from 'tocsin'

/** Answers twenty tickets at once, each in a session of its own. Whether that goes well is up to the provider. */
const tocsin = init(process.env['DEMO_CONFIG'], { data: process.env['DEMO_DATA'] ?? '.tocsin' })
const openai = tocsin.observe(new OpenAI({ baseURL: process.env['DEMO_MODEL_URL'], apiKey: process.env['DEMO_MODEL_KEY'], maxRetries: 0 }))
const round = process.argv[2] ?? 'ticket'

async function answer(ticket: string): Promise<void> {
  await openai.chat.completions.create({ model: 'gpt-5-nano', messages: [{ role: 'user', content: `Answer ${ticket}.` }] })
}

const tickets = Array.from({ length: 20 }, (_, index) => `${round}-${index + 1}`)
const answers = await Promise.allSettled(tickets.map((ticket) => tocsin.session('answer', () => answer(ticket), { id: ticket, agent: 'ticket-bot' })))
// On a busy machine the mails take their time; what is not sent by then, the next agent sends.
await tocsin.close(5_000)
for (const one of answers) if (one.status === 'rejected' && !(one.reason instanceof OpenAI.InternalServerError)) throw one.reason
