import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'

let world: ServerWorld
let key: string
beforeAll(async () => {
  // What the project speaks is for its people, and not for a program that asks for no language.
  world = await serverWorld({ project: 'bots', defaults: { locale: 'zh-CN' }, channels: { kept: { type: 'inbox' } }, people: { dana: { role: 'admin' } }, routes: [{ name: 'first', to: ['dana'], via: ['kept'] }] })
  key = await world.makeKey('manage')
})
afterAll(() => world.dispose())

const chinese = /[\u4E00-\u9FFF]/

interface Asked {
  readonly what: string
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly body?: unknown
  /** What is said in the language, of what is answered. */
  readonly said: (answer: never) => readonly unknown[]
}

const hook = { type: 'webhook', url: 'http://10.0.0.1/', secret: 'x' }
const asked: readonly Asked[] = [
  { what: 'kinds of channel', method: 'GET', path: '/api/v1/channel-types', said: ({ items }: { items: { description: string; fields: { hint?: string }[] }[] }) => items.flatMap(({ description, fields }) => [description, ...fields.flatMap(({ hint }) => (hint === undefined || /^`[^`]*`$/.test(hint) ? [] : [hint]))]) },
  { what: 'built-in rules', method: 'GET', path: '/api/v1/built-in-rules', said: ({ items }: { items: { says: string; settings: Record<string, { says: string }> }[] }) => items.flatMap(({ says, settings }) => [says, ...Object.values(settings).map((one) => one.says)]) },
  { what: 'what is wrong with a thing', method: 'PUT', path: '/api/v1/channels/hook', body: hook, said: ({ errors }: { errors: { detail: string }[] }) => errors.map(({ detail }) => detail) },
  { what: 'what would be wrong with it', method: 'POST', path: '/api/v1/config/check', body: { changes: [{ kind: 'channels', name: 'hook', value: hook }, { kind: 'routes', name: 'all', value: { to: ['nobody'] } }] }, said: ({ problems }: { problems: { detail: string }[] }) => problems.map(({ detail }) => detail) },
  { what: 'what a request lacks', method: 'POST', path: '/api/v1/silences', body: { match: 'true' }, said: ({ errors }: { errors: { detail: string }[] }) => errors.map(({ detail }) => detail) },
  { what: 'warnings of a silence', method: 'POST', path: '/api/v1/silences/preview', body: { match: 'true' }, said: ({ warnings }: { warnings: string[] }) => warnings },
  { what: 'why a starter is not for a project', method: 'GET', path: '/api/v1/starters', said: ({ items }: { items: { why?: string }[] }) => items.flatMap(({ why }) => why ?? []) },
]

describe.each(asked)('$what', ({ method, path, body, said }) => {
  const answerIn = async (language?: string): Promise<readonly unknown[]> => {
    const { json } = await world.call(method, path, { key, ...(body !== undefined && { body }), ...(language !== undefined && { headers: { 'accept-language': language } }) })
    // Reason for the cast: each looks at what is answered to itself.
    return said(json as never)
  }

  test('is in Chinese where that is asked for', async () => {
    for (const language of ['zh-CN', 'fr;q=0.9, zh;q=0.8, en;q=0.1']) expect((await answerIn(language)).filter((text) => !chinese.test(String(text)))).toEqual([])
  })

  test('is in English for all others', async () => {
    for (const language of [undefined, 'en-GB', 'fr', '*', 'en, zh-CN;q=0.5']) expect((await answerIn(language)).filter((text) => chinese.test(String(text)))).toEqual([])
    expect(await answerIn()).not.toEqual([])
  })
})
