import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { ChannelType } from '../model/channel.ts'
import { TocsinError } from '../model/error.ts'
import { channelIndex, channelPage } from '../testing/channel-pages.ts'
import { channelWorlds } from '../testing/channel-worlds.ts'
import { faultsInChinese } from '../testing/chinese.ts'
import { aboutType, refusedSettingsInChinese, settingFields } from './setting-fields.ts'
import { channelTypes, openChannels, parseRate } from './registry.ts'

const pager: ChannelType<{ key: string }> = {
  type: 'pager', settings: z.strictObject({ key: z.string() }), address: 'none', shape: 'short',
  limits: { bodyCharsMax: 100, concurrency: 4, rate: { count: 10, perMs: 1_000 } }, can: { deduplicates: true, resolves: true },
  create: (settings, name) => ({ send: async () => ({ kind: 'sent', detail: `${name} ${settings.key}` }) }),
}

function refusal(run: () => unknown): string {
  try {
    run()
    return 'accepted'
  } catch (thrown) {
    return thrown instanceof TocsinError ? `${thrown.code}: ${thrown.message}` : String(thrown)
  }
}

describe('channels are made from their configuration', () => {
  test('each under its name, in the order of the configuration', () => {
    const channels = openChannels({ b: { type: 'inbox' }, a: { type: 'console' }, p: { type: 'pager', key: 'k' } }, [pager])
    expect([...channels].map(([name, open]) => `${name} ${open.name} ${open.type.type}`)).toEqual(['b b inbox', 'a a console', 'p p pager'])
  })

  test('an unknown type names those there are, and the one that was probably meant', () => {
    expect(refusal(() => openChannels({ m: { type: 'emial' } }))).toBe(`config-invalid: channels.m.type: expected one of ${[...channelTypes.keys()].join(', ')}, found "emial", did you mean "email"?`)
  })

  test('settings that do not fit are told with their path', () => {
    expect(refusal(() => openChannels({ p: { type: 'pager', key: 1 } }, [pager]))).toMatch(/^config-invalid: channels\.p\.key: /)
  })

  test('concurrency and rate narrow what the type allows, and never widen it', () => {
    const limits = (config: Record<string, unknown>) => openChannels({ p: { type: 'pager', key: 'k', ...config } }, [pager]).get('p')?.limits
    expect(limits({})).toMatchObject({ concurrency: 4, rate: { count: 10, perMs: 1_000 } })
    expect(limits({ concurrency: 2, rate: '5/1s' })).toMatchObject({ concurrency: 2, rate: { count: 5, perMs: 1_000 } })
    expect(limits({ rate: '100/1d' })).toMatchObject({ rate: [{ count: 10, perMs: 1_000 }, { count: 100, perMs: 86_400_000 }] })
    expect(limits({ concurrency: 50, rate: '1000/1s' })).toMatchObject({ concurrency: 4, rate: { count: 10, perMs: 1_000 } })
  })

  test.each([['10/1s', { count: 10, perMs: 1_000 }], ['100/1h', { count: 100, perMs: 3_600_000 }], ['10', undefined], ['0/1s', undefined], ['10/0s', undefined], ['x/1s', undefined]])('the rate %j', (text, rate) => {
    expect(parseRate(text)).toEqual(rate)
  })
})

describe.each([...channelTypes.values()])('$type says of itself', (type) => {
  test('everything in every language', () => {
    const [about, chinese] = [aboutType(type), aboutType(type, 'zh-CN')]
    const texts = (['title', 'description', 'credentials'] as const).filter((part) => about[part] !== '').map((part) => ({ en: about[part], 'zh-CN': chinese[part] }))
    const ofFields = settingFields(type).flatMap(({ name, label, hint = '' }) => {
      const other = settingFields(type, 'zh-CN').find((field) => field.name === name)
      return [{ en: label, 'zh-CN': other?.label ?? '' }, ...(hint === '' ? [] : [{ en: hint, 'zh-CN': other?.hint ?? '' }])]
    })
    expect([...texts, ...ofFields].flatMap(faultsInChinese)).toEqual([])
    expect(chinese.description).toMatch(/[\u4E00-\u9FFF]/)
  })

  test('no Chinese of what it refuses no more', () => {
    const source = readFileSync(new URL(`${type.type}.ts`, import.meta.url), 'utf8')
    const texts = source.slice(0, source.indexOf('inChinese:')) + source.slice(source.indexOf('\n    },\n', source.indexOf('inChinese:')))
    expect(Object.keys(refusedSettingsInChinese(type)).filter((english) => !texts.includes(english.split(/\{[a-z]+\}/)[0] ?? ''))).toEqual([])
  })
})

describe('the documentation is what the registry says (vitest -u writes it)', () => {
  test('docs/channels.md lists every channel', async () => {
    await expect(channelIndex(channelTypes.values())).toMatchFileSnapshot('../../../../docs/channels.md')
  })

  test.each([...channelTypes.values()])('docs/channels/$type.md', async (type) => {
    expect(aboutType(type).description).not.toBe('')
    await expect(channelPage(type, channelWorlds.get(type.type)?.faults ?? [])).toMatchFileSnapshot(`../../../../docs/channels/${type.type}.md`)
  })

  test('no page is left of a channel that is gone', () => {
    expect(readdirSync(new URL('../../../../docs/channels', import.meta.url)).toSorted()).toEqual([...channelTypes.keys()].map((type) => `${type}.md`).toSorted())
  })
})
