import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { channelTypes, configSchema, examineConfiguration, refusedSettingsInChinese, settingFields } from 'tocsin/engine'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { faultsInChinese } from '../../../core/src/testing/chinese.ts'
import { refusals } from '../../../core/src/locales/zh-CN/refusals.ts'
import { inChinese, serversOwn } from './in-chinese.ts'

const packages = join(import.meta.dirname, '../../..')

/** What is left in English of a sentence, but for what somebody wrote, names, examples, and what a library says in its own words of an expression. */
function leftOf(english: string): readonly string[] {
  if (Object.hasOwn(refusals.things, english)) return []
  const said = inChinese(english).replace(/(应为正则表达式|应为 RE2 正则表达式)(，实际为“.*”)：.*$/s, '$1')
  if (!/[\u4E00-\u9FFF]/.test(said)) return [`nothing: ${english}`]
  const left = /[A-Za-z]+ [a-z]+ [a-z]+/.exec(said
    .replaceAll(/Project settings、Service accounts、Generate new private key|`[^`]*`|"[^"]*"|“[^”]*”|（[^）]*）|\/[^ ]*\//g, ''))
  return left === null ? [] : [`“${left[0]}” is left in: ${said}`]
}

describe('every sentence that is written where something is refused', () => {
  const rooms = ['core/src/channels/**/*.ts', 'core/src/model/*config*.ts', 'core/src/model/redact/own-rules.ts', 'core/src/config-*.ts', 'core/src/rules/{condition,condition-cost,pattern-cost,view,rules-of}.ts', 'core/src/rules/threshold/measure.ts', 'core/src/delivery/templates/*.ts', 'core/src/queue/*.ts', 'server/src/{http,projects,own}/**/*.ts']
  /** Mistakes of a program, what the command line says, and what is answered to machines. */
  const notForPages = /new (?:Type|Range)?Error\(|MalformedMessage|wrong-usage|terminal|foreign\.push|a newer server may|no answer within|^\s*(?:\*|\/\/)/
  /** Made of words that are looked at by what is refused below. */
  const isMade = (text: string): boolean => /^(?:expected X1|no X1 is named|no message has|X1:|map<)|\$\{/.test(text)
  const literal = /'((?:expected|no|unknown|there is) (?:[^'\\\n]|\\.)*)'|"((?:expected|unknown) (?:[^"\\\n])*)"|`((?:expected|unknown|no) (?:[^`\\$]|\\.|\$(?!\{)|\$\{(?:[^{}`]|`[^`]*`|\{[^{}]*\})*\})*)`/g

  /** What a channel says of an attempt; a status alone, or what was answered, is no sentence. */
  const ofOutcome = /detail: (?:'([A-Za-z][^'\n]* [^'\n]*)'|`([^`\n]* [^`\n]*)`)/g

  /** A constant as it is, what stands there only sometimes not at all, anything else as a value. */
  function filled(part: string, source: string): string {
    if (/^(?:suggestion|knownNames)\(|[?] ''|\? '' :/.test(part)) return ''
    return new RegExp(`const ${part.replaceAll(/\W/g, '')} = '([^']*)'`).exec(source)?.[1] ?? 'X1'
  }

  const plain = (template: string, source: string): string => template.replaceAll(/\$\{((?:[^{}`]|`[^`]*`|\{[^{}]*\})*)\}/g, (_whole, part: string) => filled(part, source)).replaceAll(/\\(.)/g, '$1')

  function sentences(): ReadonlyMap<string, string> {
    const all = new Map<string, string>()
    for (const file of rooms.flatMap((room) => globSync(room, { cwd: packages })).filter((one) => !one.endsWith('.test.ts'))) {
      const source = readFileSync(join(packages, file), 'utf8')
      for (const line of source.split('\n')) {
        if (notForPages.test(line)) continue
        const found = [...line.matchAll(literal)].map(([, single, double, template]) => single?.replaceAll(/\\(.)/g, '$1') ?? double ?? plain(template ?? '', source))
        const told = [...line.matchAll(ofOutcome)].map(([, single, template]) => single ?? plain(template ?? '', source))
        for (const text of [...found, ...told]) {
          if (isMade(text)) continue
          all.set(text, file)
          // Of a secret it is not said what was found.
          if (file.startsWith('core/src/channels/') && text.startsWith('expected')) all.set(text.replace(/, found .*$/s, ''), file)
        }
      }
    }
    return all
  }

  test('has its Chinese', () => {
    const found = sentences()
    expect(found.size).toBeGreaterThan(100)
    expect([...found].flatMap(([text, file]) => leftOf(text).map((fault) => `${file}: ${fault}`))).toEqual([])
  })
})

describe('what is refused of a configuration', () => {
  const wrong: readonly unknown[] = [7, -1, '', 'x y', 'x'.repeat(5_000), ['x y'], [], {}, { a: 1 }, { a: {} }, true, null, '${NOT_SET}', 'http://10.0.0.1/x', 'https://10.0.0.1/', 'https://user:x@example.com/']

  function textsFor(data: unknown): readonly string[] {
    const examined = examineConfiguration(data, { env: {}, folder: '/nowhere' })
    return 'problems' in examined ? examined.problems.map(({ text }) => text) : []
  }

  test.each([...channelTypes.values()])('every setting of the channel $type, filled with what does not fit, is refused in Chinese', (type) => {
    const texts = [...settingFields(type).map(({ name }) => name), 'concurrency', 'rate', 'unheard'].flatMap((name) => wrong.flatMap((value) => textsFor({ channels: { one: { type: type.type, [name]: value } } })))
    expect(texts.length).toBeGreaterThan(10)
    expect([...new Set(texts)].flatMap(leftOf)).toEqual([])
  })

  test.each(Object.keys(configSchema.shape))('so is everything under %s', (key) => {
    const shape: unknown = Reflect.get(configSchema.shape, key)
    const inner = namesIn(shape)
    const texts = wrong.flatMap((value) => [
      ...textsFor({ [key]: value }),
      ...textsFor({ [key]: { one: value } }),
      ...textsFor({ [key]: [value] }),
      ...inner.flatMap((name) => [...textsFor({ [key]: { [name]: value } }), ...textsFor({ [key]: { one: { [name]: value } } }), ...textsFor({ [key]: [{ [name]: value }] })]),
    ])
    expect([...new Set(texts)].flatMap(leftOf)).toEqual([])
  })

  test.each([
    { people: { dana: { role: 'admin' } }, routes: [{ to: ['dna', 'role:admn', 'team:x', 'crew:x'], via: ['mial'] }], channels: { mail: { type: 'emial' } } },
    { rules: { a: { on: 'llm.cal', when: 'event.agnet == "x"', groupBy: ['agnet'] }, 'model-slwo': false, b: { on: 'llm.call', when: '1 +' }, c: { on: 'llm.call', when: '1' }, d: { on: 'llm.call', when: 'x.y' }, e: { on: 'llm.call', when: 'event.model + 1' } } },
    { rules: { a: { on: 'llm.call', measure: 'cuont', above: 1 }, b: { on: 'llm.call', measure: 'sum(x)', above: 1 }, c: { on: 'llm.call', measure: 'share()', above: 2 }, d: { on: 'llm.call', measure: 'count', above: 1, below: 2 }, e: { on: 'llm.call', measure: 'count(x)', above: 1, until: 3 } } },
    { rules: { a: { on: 'llm.call', when: 'event.model.matches("(a+)+")' }, b: { on: 'llm.call', when: 'event.model.matches("[")' }, c: { on: 'llm.call', when: 'event.model.matches("a*b*")' }, d: { on: 'llm.call', when: '[1].exists(x, [2].exists(y, y == x))' } } },
    { budgets: { team: { amountUsd: 1e9, period: 'day', rolling: '1h', groupBy: ['x'], where: 'y' } }, prices: { a: { discount: 2, inputUsd: 1 }, b: {} } },
    { templates: { '*': { text: { text: '{% nope %}' }, chat: { text: '{{ nope }}' }, sms: { text: '{{ alert.nope }}' }, html: { text: '{{ alert.title | raw }}' } } } },
    { routes: [{ name: 'a', match: 'alert.agnet', groupBy: ['cost'], to: [] }, { name: 'a', to: ['x'], groupWait: '1s' }], teams: { t: [] }, silences: [{ name: 's', match: 'true', until: '2020', author: '', comment: '' }] },
  ])('what does not fit together: %j', (data) => {
    const texts = textsFor(data)
    expect(texts.length).toBeGreaterThan(1)
    expect(texts.flatMap(leftOf)).toEqual([])
  })
})

/** Every code of zod, so that a new one does not compile. */
const zods: Readonly<Record<z.core.$ZodIssue['code'], readonly (readonly [z.ZodType, unknown])[]>> = {
  invalid_type: [[z.string(), 7], [z.int(), 'x'], [z.strictObject({}), undefined], [z.array(z.string()), null], [z.boolean(), 'x'], [z.record(z.string(), z.number()), 1]],
  too_big: [[z.string().max(2), 'xxx'], [z.number().max(1), 2], [z.number().lt(1), 2], [z.array(z.number()).max(1), [1, 2]], [z.string().length(1), 'xx']],
  too_small: [[z.string().min(2), 'x'], [z.number().min(1), 0], [z.number().positive(), 0], [z.array(z.number()).min(1), []], [z.string().length(3), 'xx']],
  invalid_format: [[z.email(), 'x'], [z.url(), 'x'], [z.string().regex(/^a$/), 'x'], [z.string().startsWith('a'), 'x'], [z.string().endsWith('a'), 'x'], [z.string().includes('a'), 'x'], [z.iso.datetime(), 'x'], [z.base64url(), '?']],
  not_multiple_of: [[z.number().multipleOf(5), 7]],
  unrecognized_keys: [[z.strictObject({}), { a: 1 }], [z.strictObject({}), { a: 1, b: 2 }]],
  invalid_union: [[z.union([z.string(), z.number()]), true], [z.discriminatedUnion('a', [z.strictObject({ a: z.literal('b') })]), { a: 'c' }]],
  invalid_key: [[z.record(z.string().max(1), z.number()), { ab: 1 }]],
  invalid_element: [[z.map(z.strictObject({}), z.number()), new Map([[{}, 'x']])]],
  invalid_value: [[z.literal('a'), 'b'], [z.enum(['a', 'b']), 'c']],
  custom: [[z.string().refine(() => false), 'x']],
}

test.each(Object.entries(zods))('what zod says itself of %s has its Chinese', (code, cases) => {
  const issues = cases.flatMap(([schema, value]) => schema.safeParse(value).error?.issues ?? [])
  expect(new Set(issues.map((issue) => issue.code))).toEqual(new Set([code]))
  expect(issues.flatMap(({ message }) => leftOf(message))).toEqual([])
})

test('the Chinese is set as Chinese, and is filled with the same', () => {
  const tables = [...refusals.sentences, refusals.ends, serversOwn, ...[...channelTypes.values()].map(refusedSettingsInChinese)]
  const holes = (text: string): string => [...text.matchAll(/\{[a-z]\w*\}/g)].map(([name]) => name).filter((name) => name !== '{unit}').toSorted().join()
  expect(tables.flatMap((table) => Object.entries(table)).flatMap(([en, chinese]) => [...faultsInChinese({ en, 'zh-CN': chinese }), ...(holes(en) === holes(chinese) ? [] : [`filled with others: ${chinese}`])])).toEqual([])
})

/** Names of settings, as deep as they go in things under a name or in a list. */
function namesIn(schema: unknown): readonly string[] {
  if (schema instanceof z.ZodObject) return Object.keys(schema.shape)
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(namesIn)
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) return namesIn(schema.unwrap())
  if (schema instanceof z.ZodRecord) return namesIn(schema.valueType)
  return schema instanceof z.ZodArray ? namesIn(schema.element) : []
}
