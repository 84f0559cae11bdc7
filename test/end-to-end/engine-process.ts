import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { configurationFrom } from '../../packages/core/src/configuration.ts'
import { createEngine } from '../../packages/core/src/engine.ts'
import { systemChance } from '../../packages/core/src/model/chance.ts'
import { systemClock } from '../../packages/core/src/model/clock.ts'
import type { EventInput } from '../../packages/core/src/model/event.ts'
import { openSqliteStore } from '../../packages/core/src/stores/sqlite.ts'

/**
 * A process of its own, so that all it writes can be read: `engine-process.ts CONFIG DATA` commits the events it is given
 * on standard input as JSON, delivers what is due, and ends. What it has to say to its operator goes to standard error.
 */
const [, , file = '', data = ''] = process.argv
const notice = (sentence: string): void => void process.stderr.write(`notice: ${sentence}\n`)
const config = configurationFrom(file, [], process.env)
const store = openSqliteStore({ file: join(data, 'tocsin.db'), clock: systemClock, durability: 'full', notice })
const engine = createEngine({ config, store, clock: systemClock, chance: systemChance, notice })
// Whatever is there is handed over as it is: normalising it is what is tested.
const { refused } = await engine.accept(JSON.parse(await text(process.stdin)) as EventInput[])
for (const { why } of refused) notice(why)
await engine.hurry()
await engine.drain('all', 15_000)
await engine.close()
