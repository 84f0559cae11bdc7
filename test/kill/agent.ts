import { writeSync } from 'node:fs'
import { init } from '../../packages/core/src/index.ts'
import { sleep, systemClock } from '../../packages/core/src/model/clock.ts'

/**
 * An agent whose sessions fail one after the other until it is killed. Whatever it prints was flushed before: the promise is
 * that nothing printed is ever lost.
 */
const [data = '', url = '', ca = '', round = ''] = process.argv.slice(2)

const tocsin = init(
  {
    channels: { mail: { type: 'email', url, ca, from: 'Tocsin <noreply@example.com>' } },
    people: { dana: { role: 'admin', email: 'dana@example.com' } },
    rules: { 'session-started': false, 'session-ended': false },
    delivery: { leaseMs: 1_000, retryMs: 50, retryMaxMs: 200 },
    limits: false,
    storm: false,
  },
  { data },
)

for (let number = 1; number <= 40; number += 1) {
  const id = `round-${round}-session-${number}`
  try {
    tocsin.session(
      'work',
      () => {
        throw new Error('out of luck')
      },
      { id },
    )
  } catch (expected) {
    if (!(expected instanceof Error) || expected.message !== 'out of luck') throw expected
  }
  await tocsin.flush()
  writeSync(1, `${id}\n`)
  await sleep(systemClock, 8)
}
await sleep(systemClock, 10_000)
