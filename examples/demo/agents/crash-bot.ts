import { init } from 'tocsin'

/** Says that it needs a person, and is killed in the same breath, in the middle of its session. What it had flushed must still arrive. */
const tocsin = init(process.env['DEMO_CONFIG'], { data: process.env['DEMO_DATA'] ?? '.tocsin' })
tocsin.startSession('refund-approval', { agent: 'crash-bot' })
tocsin.notify({ title: 'Approval waits: refund of $900 for order B-2001', severity: 'high', to: ['lee'], tags: { agent: 'crash-bot' } })
await tocsin.flush()
process.kill(process.pid, 'SIGKILL')
