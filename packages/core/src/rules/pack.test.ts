import { describe, expect, test } from 'vitest'
import { configurationFrom } from '../configuration.ts'
import { faultsInChinese } from '../testing/chinese.ts'
import { rulePage } from '../testing/rule-pages.ts'
import { pack } from './pack.ts'
import { rulesOf } from './rules-of.ts'

describe('the pack', () => {
  test('is described by docs/rules.md as it declares itself (vitest --update writes it)', async () => {
    await expect(rulePage(pack)).toMatchFileSnapshot('../../../../docs/rules.md')
  })

  test('has names of its own, each with what it says and whole defaults', () => {
    expect(new Set(pack.map(({ name }) => name)).size).toBe(pack.length)
    for (const { name, says, settings } of pack) {
      expect([name, says]).toEqual([expect.stringMatching(/^[a-z]+(-[a-z]+)+$/), { en: expect.stringMatching(/^[A-Z].*\.$/) as string, 'zh-CN': expect.stringMatching(/^[\u4E00-\u9FFF].*。$/) as string }])
      for (const { byDefault, says: meaning } of Object.values(settings)) expect([Number.isFinite(byDefault), faultsInChinese(meaning)]).toEqual([true, []])
      expect(faultsInChinese(says)).toEqual([])
    }
  })

  test.each(pack.filter(({ isOff }) => isOff !== true))('$name is on, and off by its name', ({ name }) => {
    const names = (rules: Record<string, false>): readonly string[] => rulesOf(configurationFrom({ rules })).map((rule) => rule.name)
    expect(names({})).toContain(name)
    expect(names({ [name]: false })).not.toContain(name)
  })

  test('takes no setting that it does not know', () => {
    expect(() => rulesOf(configurationFrom({ rules: { 'session-failed': { aboveUsd: 3 } } }))).toThrow('rules.session-failed.aboveUsd: this rule does not take it; it takes severity, runbook, owner')
  })
})
