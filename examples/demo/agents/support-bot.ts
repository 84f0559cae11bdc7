import OpenAI from 'openai'
import { init } from 'tocsin'

/** Asks the same thing again and again, at a price: nothing fails, only the bill does. */
const tocsin = init(process.env['DEMO_CONFIG'], { data: process.env['DEMO_DATA'] ?? '.tocsin' })
const openai = tocsin.observe(new OpenAI({ baseURL: process.env['DEMO_MODEL_URL'], apiKey: process.env['DEMO_MODEL_KEY'] }))

await tocsin.session(
  'answer-ticket',
  async () => {
    for (let turn = 1; turn <= 12; turn += 1) {
      await openai.responses.create({ model: 'gpt-5', input: 'Search the help pages for: refund' })
      await tocsin.tool('search', async (words: string) => [`nothing new about ${words}`], 'refund')
    }
  },
  { agent: 'support-bot', tags: { team: 'support' } },
)
await tocsin.close()
