import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { tmpdir } from 'node:os'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import * as decorators from './decorators.ts'
import { clearDecoratorTarget, setDecoratorTarget } from './decorators.ts'
import type { DecoratorTarget } from './decorators.ts'
import { seededChance } from './model/chance.ts'
import { systemClock } from './model/clock.ts'
import type { EventInput } from './model/event.ts'
import { Observation } from './observe/observation.ts'
import { Sessions } from './observe/session.ts'
import { Steps } from './observe/step.ts'

/** Node does not parse decorators yet, so a program that uses them is compiled by `tsc`, as its author would. */
const program = `
export function build({ agent, operation, session, tool }: typeof import(${JSON.stringify(fileURLToPath(new URL('./decorators.ts', import.meta.url)))})) {
class RefundBot {
  #rate = 2
  @session async answer(ticket: string): Promise<string> { return this.search(ticket) + (await this.think(1)) }
  @session('broken-ticket') fail(): never { throw new Error('no refund') }
  @operation('thinking') async think(n: number): Promise<number> { return n * this.#rate }
  @tool search(query: string): string { return 'found ' + query + ' ' }
  @tool('search-all') static async all(query: string): Promise<string> { return query }
  @operation() async *count(): AsyncGenerator<number> { yield 1; yield 2 }
  @agent('planner') plan(): number { return 9 }
}

@agent class Writer { write(): string { return 'w' } }
@agent('editor') class Editor { static made = 1; edit(): string { return 'e' } }
return { RefundBot, Writer, Editor }
}
`

interface Program {
  readonly RefundBot: {
    new (): { answer(ticket: string): Promise<string>; fail(): never; think(n: number): Promise<number>; search(query: string): string; count(): AsyncGenerator<number>; plan(): number }
    all(query: string): Promise<string>
  }
  readonly Writer: new () => { write(): string }
  readonly Editor: (new () => { edit(): string }) & { made: number }
}

let compiled: Program
let events: EventInput[]
let target: DecoratorTarget

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-decorators-'))
  writeFileSync(join(folder, 'program.ts'), program)
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
  const options = '--target es2022 --lib es2024,esnext.decorators,esnext.disposable --module nodenext --strict --skipLibCheck --rewriteRelativeImportExtensions --allowImportingTsExtensions --ignoreConfig --noEmitOnError --rootDir /'
  // A type error in the program stops here: the decorators' types are tested with it.
  execFileSync(process.execPath, [tsc, ...options.split(' '), '--outDir', join(folder, 'out'), join(folder, 'program.ts')], { encoding: 'utf8' })
  // Reason for the cast: the compiled module is the program above.
  const module = (await import(pathToFileURL(join(folder, 'out', folder, 'program.js')).href)) as { build(from: typeof decorators): Program }
  compiled = module.build(decorators)
}, 60_000)

beforeEach(() => {
  events = []
  const observation = new Observation({ recorder: { record: (event) => void events.push(event) }, clock: systemClock, chance: seededChance(1) })
  const sessions = new Sessions(observation)
  const steps = new Steps(observation)
  target = {
    session: (name, work) => sessions.run(name, work),
    agent: (name, work) => steps.agent(name, work),
    operation: (name, work) => steps.operation(name, work),
    tool: (name, work, ...args) => steps.tool(name, work, ...args),
  }
  setDecoratorTarget(target)
})

const seen = (): readonly unknown[] => events.map((event) => [event.type, event.name])

describe('decorators', () => {
  test('record sessions, operations and tools under the method’s name or the given one', async () => {
    const bot = new compiled.RefundBot()
    expect(await bot.answer('t1')).toBe('found t1 2')
    expect(seen()).toEqual([['session.start', 'answer'], ['tool.call', 'search'], ['agent.step', 'thinking'], ['session.end', 'answer']])
    expect(new Set(events.map((event) => event.sessionId)).size).toBe(1)
    expect(await compiled.RefundBot.all('q')).toBe('q')
    expect(events.at(-1)).toMatchObject({ type: 'tool.call', tool: { name: 'search-all' } })
  })

  test('let errors through and record them', () => {
    expect(() => new compiled.RefundBot().fail()).toThrow('no refund')
    expect(events.at(-1)).toMatchObject({ type: 'session.end', name: 'broken-ticket', endState: 'fail', endReason: 'no refund' })
  })

  test('keep the nature of generators, and of classes', async () => {
    const numbers: number[] = []
    for await (const number of new compiled.RefundBot().count()) numbers.push(number)
    expect(numbers).toEqual([1, 2])
    expect(new compiled.RefundBot().plan()).toBe(9)
    expect(new compiled.Writer().write()).toBe('w')
    expect(new compiled.Editor().edit()).toBe('e')
    expect(compiled.Editor.made).toBe(1)
    expect(events.map((event) => event.agent)).toEqual([undefined, 'planner', 'Writer', 'editor'])
  })

  test('call through and record nothing while there is no client', async () => {
    clearDecoratorTarget({ ...target })
    expect(new compiled.RefundBot().plan()).toBe(9)
    expect(events).toHaveLength(1)
    clearDecoratorTarget(target)
    expect(await new compiled.RefundBot().answer('t')).toBe('found t 2')
    expect(events).toHaveLength(1)
  })
})
