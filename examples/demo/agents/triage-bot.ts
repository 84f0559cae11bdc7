import { agent, init, operation, session, tool } from 'tocsin'

/** Uses decorators and nothing else: the class says what is a session, a step and a tool. */
const tocsin = init(process.env['DEMO_CONFIG'], { data: process.env['DEMO_DATA'] ?? '.tocsin' })

@agent('triage-bot')
class TriageBot {
  @session('triage')
  async sort(ticket: string): Promise<string> {
    const customer = await this.lookUp(ticket)
    return this.route(customer)
  }

  @tool
  async lookUp(ticket: string): Promise<string> {
    if (ticket === 'T-404') throw new Error('CRM answered 502 Bad Gateway for ticket T-404')
    return `customer of ${ticket}`
  }

  @operation
  async route(customer: string): Promise<string> {
    return `${customer} goes to billing`
  }
}

const bot = new TriageBot()
await bot.sort('T-100')
await bot.sort('T-404').catch((failure: unknown) => {
  if (!(failure instanceof Error) || !failure.message.startsWith('CRM')) throw failure
})
// On a busy machine the mails take their time; what is not sent by then, the next agent sends.
await tocsin.close(5_000)
