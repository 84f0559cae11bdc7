import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../../packages/core/src/load-config.ts'
import { systemClock } from '../../packages/core/src/model/clock.ts'
import { TocsinError } from '../../packages/core/src/model/error.ts'
import { builtInRuleNames } from '../../packages/core/src/rules/rules-of.ts'
import { problemOfMeasure } from '../../packages/core/src/rules/threshold/measure.ts'
import { compileCondition, problemOfGroupName } from '../../packages/core/src/rules/view.ts'
import { openSqliteStore } from '../../packages/core/src/stores/sqlite.ts'
import { exampleEnvironment } from '../../packages/core/src/testing/example-environment.ts'
import { docstringExamples } from './docstring-examples.ts'
import { allSnippets, pages, placeOf, root, snippetsIn, type Snippet } from './snippets.ts'
import { openDocsWorld, sourceOf, type DocsWorld } from './world.ts'

/** Snippets that cannot run here, each with its reason behind `no-run:`. More than this, and the documentation is not tried any more. */
const notRunMax = 2

const hasMark = (word: string) => ({ mark: found }: Snippet): boolean => found.split(' ')[0]?.replace(':', '') === word
const programs = allSnippets('ts').filter((snippet) => !hasMark('no-run')(snippet))

let world: DocsWorld
/** Model calls on record: source, provider, and where the cost comes from. */
const calls = new Set<string>()

async function readCalls(folder: string): Promise<void> {
  const file = join(folder, '.tocsin/tocsin.db')
  if (!existsSync(file)) return
  const store = openSqliteStore({ file, clock: systemClock, durability: 'normal' })
  for (const { source, llm } of await store.read.events({ limit: 100 })) if (llm !== undefined) calls.add(`${source} ${llm.provider} ${llm.costSource ?? 'unknown'}`)
  await store.close()
}

beforeAll(async () => {
  world = await openDocsWorld()
}, 60_000)
afterAll(() => world.close())

test('blocks that do not run say why, and are few', () => {
  const notRun = pages().flatMap(snippetsIn).filter(hasMark('no-run'))
  expect(notRun.filter(({ mark: found }) => !/^no-run: \S.{8,}/.test(found)).map(placeOf)).toEqual([])
  expect(notRun.length).toBeLessThanOrEqual(notRunMax)
})

test('every block is of a language that is tried here', () => {
  const known = ['ts', 'yaml', 'sh', 'text']
  expect(pages().flatMap(snippetsIn).filter(({ language }) => !known.includes(language)).map(placeOf)).toEqual([])
})

describe('programs', () => {
  test('type-check and compile, and so do the examples of the public door', { timeout: 120_000 }, async () => {
    const examples = docstringExamples()
    expect(examples.length).toBeGreaterThan(5)
    expect(await world.typeCheck([...programs.map(sourceOf), ...examples])).toMatchObject({ out: '', code: 0 })
    expect(await world.compile()).toMatchObject({ out: '', code: 0 })
  })

  test.each(programs.map((snippet) => ({ place: placeOf(snippet), snippet })))('$place runs', { timeout: 60_000 }, async ({ snippet }) => {
    const folder = world.folder()
    const run = await world.run(sourceOf(snippet).name, folder)
    await readCalls(folder)
    expect({ code: run.code, err: run.code === 0 ? '' : run.err }).toEqual({ code: 0, err: '' })
    // What is wrong with a configuration or a call does not end an agent; it stands on standard error.
    expect(run.err).not.toMatch(/nothing is recorded|refused|expected|failed|Error/)
    expect(outputAfter(snippet) ?? run.out.trim()).toBe(run.out.trim())
  })

  test('each way in leaves model calls on record, with what they cost', () => {
    for (const way of ['observe openai', 'observe anthropic', 'ai-sdk openai', 'agents-sdk openai']) expect([...calls]).toContain(`${way} priced`)
  })

  test('what they send arrives at the stand-ins', () => {
    expect(world.mail.mails.length).toBeGreaterThan(0)
    expect(world.mail.mails.every(({ secure }) => secure)).toBe(true)
    expect(world.sms.messages.length).toBeGreaterThan(0)
    expect(world.model.requests.length).toBeGreaterThan(4)
  })

  test('what they send to a server arrives there, events and spans, with the key', () => {
    expect(world.intake.events.map(({ type }) => type)).toEqual(expect.arrayContaining(['session.start', 'tool.call', 'session.end', 'custom']))
    expect(world.intake.requests.filter(({ path, headers }) => path === '/v1/traces' && headers.authorization !== undefined)).toHaveLength(1)
  })
})

describe('configurations', () => {
  const example = exampleEnvironment()
  const env = new Proxy<Record<string, string>>({}, { get: (_none, name) => example[String(name)] ?? 'placeholder' })
  const load = (text: string): unknown =>
    loadConfig({
      text,
      file: 'tocsin.yaml',
      env,
      builtInRules: builtInRuleNames,
      checkGroupName: problemOfGroupName,
      checkMeasure: problemOfMeasure,
      checkCondition(expression, view) {
        const compiled = compileCondition(expression, view)
        return compiled.ok ? undefined : compiled.problem
      },
    })
  const all = allSnippets('yaml')

  test.each(all.filter(({ mark: found }) => found === '').map((snippet) => ({ place: placeOf(snippet), snippet })))('$place is accepted', ({ snippet }) => {
    expect(() => load(snippet.text)).not.toThrow()
  })

  test.each(all.filter(hasMark('wrong')).map((snippet) => ({ place: placeOf(snippet), snippet })))('$place is refused in the words of the page', ({ snippet }) => {
    const told = snippetsIn(snippet.page).find((next) => next.line > snippet.line)
    expect(told).toMatchObject({ language: 'text', mark: 'error' })
    expect(messageOf(() => load(snippet.text))).toBe(told?.text)
  })
})

describe('commands', () => {
  const lines = allSnippets('sh').filter((snippet) => !hasMark('no-run')(snippet)).flatMap((snippet) => snippet.text.split('\n').filter((line) => line.trim() !== '').map((line) => ({ place: placeOf(snippet), line })))
  // The package manager reads these; here it is seen that what they name exists.
  const isForNpm = (line: string): boolean => /^(npm|npx vitest|\.ci\/)/.test(line.trim())
  // Reason for the cast: the file of this repository.
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }

  test.each(lines.filter(({ line }) => isForNpm(line)))('$place: $line names what exists', ({ line }) => {
    for (const [, script = ''] of line.matchAll(/npm run ([\w:-]+)/g)) expect(Object.keys(scripts)).toContain(script)
    for (const [, file = ''] of line.matchAll(/((?:packages|test|bench|\.ci)\/\S+)/g)) expect(existsSync(join(root, file))).toBe(true)
    expect(line.replace(/#.*/, '').trim()).toMatch(/^(npm (ci|test|start|run [\w:-]+|pack -w tocsin|install \.\/tocsin-[\d.]+\.tgz)( -- [\w .-]+)?( && )?)+$|^npx vitest run \S+$|^\.ci\/run$/)
  })

  test('those of the product end well, in a folder in which an agent has run', { timeout: 180_000 }, async () => {
    const folder = world.folder()
    expect(await world.shell('npx tocsin send --title "Approval waits" --severity high', folder)).toMatchObject({ code: 0 })
    for (const { place, line } of lines.filter((one) => !isForNpm(one.line))) {
      const { code, err } = await world.shell(line, folder)
      expect({ place, line, code, err: code === 0 ? '' : err }).toEqual({ place, line, code: 0, err: '' })
    }
  })
})

/** What the page says the program prints, if it says so. */
function outputAfter(snippet: Snippet): string | undefined {
  const next = snippetsIn(snippet.page).find(({ line }) => line > snippet.line)
  return next?.mark === 'output' ? next.text : undefined
}

function messageOf(work: () => unknown): string {
  try {
    work()
  } catch (failure) {
    if (failure instanceof TocsinError) return failure.message
    throw failure
  }
  return ''
}
