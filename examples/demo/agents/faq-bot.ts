import OpenAI from 'openai'
import { init } from 'tocsin'

/** Asks four things. Every answer comes with status 200, and none is of use. */
const tocsin = init(process.env['DEMO_CONFIG'], { data: process.env['DEMO_DATA'] ?? '.tocsin' })
const openai = tocsin.observe(new OpenAI({ baseURL: process.env['DEMO_MODEL_URL'], apiKey: process.env['DEMO_MODEL_KEY'] }))

await tocsin.agent('faq-bot', async () => {
  for (const topic of ['opening hours', 'a complaint', 'the terms of sale', 'parcel tracking']) {
    await openai.chat.completions.create({ model: 'gpt-5-mini', messages: [{ role: 'user', content: `Write the answer for the help page about ${topic}.` }] })
  }
})
// On a busy machine the mails take their time; what is not sent by then, the next agent sends.
await tocsin.close(5_000)
