import { readFileSync } from 'node:fs'
import { NotificationManager } from 'tocsin'

/** A script without a client: channels made from settings, one attempt each, and the outcome in hand. */
const manager = new NotificationManager({
  channels: {
    mail: { type: 'email', url: process.env['DEMO_SMTP_URL'], ca: readFileSync(process.env['DEMO_CA'] ?? '', 'utf8'), from: 'Night report <tocsin@example.com>' },
  },
})
const outcome = await manager.sendEmail('lee@example.com', 'Night report: 3 agents, 2 incidents', 'All agents answered. Two incidents were told as they happened.')
await manager.close()
if (outcome.kind !== 'sent') throw new Error(`the night report was not sent: ${outcome.detail}`)
