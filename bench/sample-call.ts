import type { EventInput } from '../packages/core/src/model/event.ts'

/**
 * One model call as agents make them: in one of 200 sessions, with a piece of content that holds what must be taken out
 * (an address in each, a key in every tenth).
 *
 * @param number from 0; the same number gives the same call
 */
export function sampleCall(number: number, atMs: number): EventInput & { readonly id: string; readonly atMs: number } {
  const question = questions[number % questions.length] ?? ''
  const secret = number % 10 === 0 ? ` The key in use is sk-proj-${'4f9Qd2XbT8vKc1RzWm7Lp0Ye'.repeat(2)}${number}.` : ''
  return {
    type: 'llm.call',
    source: 'observe',
    id: `bench:${number.toString(36)}`,
    atMs,
    durationMs: 640 + (number % 900),
    sessionId: `session-${number % 200}`,
    name: 'answer-ticket',
    agent: number % 3 === 0 ? 'billing-bot' : 'support-bot',
    user: `customer-${number % 1_000}`,
    environment: 'production',
    tags: { team: number % 3 === 0 ? 'billing' : 'support', tier: 'gold', ticket: String(40_000 + number) },
    status: 'ok',
    llm: {
      provider: 'openai',
      model: number % 4 === 0 ? 'gpt-4o' : 'gpt-4o-mini',
      operation: 'chat',
      inputTokens: 900 + (number % 400),
      outputTokens: 180 + (number % 90),
      cacheReadTokens: 512,
      responseId: `chatcmpl-${number.toString(36).padStart(12, 'A')}`,
      finishReason: 'stop',
    },
    excerpt: `Ticket ${40_000 + number} from ${number}.customer@example.com: ${question}${secret}`,
  }
}

const questions = [
  'My invoice of last month shows two charges for the same plan, although I moved to the yearly one in March. Could you check which is right and give the other back? I attached both PDFs and the order number is 2024-88123.',
  'Since the update on Tuesday the export ends after about 2,000 rows with "unexpected end of stream". Smaller exports work. We run behind a proxy, the machine is a t3.large, and nothing else was changed on our side.',
  'How do I give a colleague access to only one project? The help page speaks of roles, but the dialog shows none of them. We are on the team plan with 14 seats, and she signs in through our own identity provider.',
]
