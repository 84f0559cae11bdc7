import { createInterface } from 'node:readline'
import { backgroundClock } from '../packages/core/src/model/clock.ts'
import { queues, type QueueName } from './postgres-queues.ts'

/** One of several processes that take from a queue: `go` on its standard input begins; it says how many are over, and ends with its standard input. With a count it fills the queue instead. */
const [name = 'tocsin', url = '', projects = '', count = ''] = process.argv.slice(2)
// What `postgres-deliveries.ts` passes.
const queue = queues[name as QueueName]

if (count === '') await take()
else await fill()

async function fill(): Promise<void> {
  for (const project of projects.split(',')) await queue.fill(url, project, Number(count) / projects.split(',').length)
  console.log('filled')
  process.exit(0)
}

async function take(): Promise<void> {
  let [done, said] = [0, 0]
  const taking = await queue.take(url, projects.split(','), (more) => {
    done += more
  })
  const say = (): void => {
    if (done > said) console.log(String(done - said))
    said = done
    backgroundClock.after(10, say)
  }
  console.log('ready')
  for await (const line of createInterface(process.stdin)) {
    if (line !== 'go') continue
    await taking.begin()
    say()
  }
  await taking.end()
  process.exit(0)
}
