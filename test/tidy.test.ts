import { describe, expect, test } from 'vitest'
import { houseOf, realHouse, type Rule } from './tidy/house.ts'
import { channelsAreStrangers, importsOf, importsPointDown, noCircles } from './tidy/imports.ts'
import { everyLanguageSaysAll } from './tidy/locales.ts'
import { channelNamesAreInTheirFiles, filesAreShort, namesSayWhatIsThere, noRegistryIsNamed, nothingIsLeftForLater, sqlIsInStores, timeAndChanceAreHandedIn } from './tidy/only-in.ts'
import { partsOf } from './tidy/parts.ts'
import { sharedProcessIsLeftAsItWas } from './tidy/shared-process.ts'

/**
 * The laws of the house that no compiler knows. Each is tried on a house with a fault first, so that a rule that has gone
 * blind fails here and does not pass in silence.
 */
const house = realHouse()
const src = 'packages/core/src'
const registry = { [`${src}/channels/registry.ts`]: "import { sms } from './sms.ts'\n", [`${src}/channels/sms.ts`]: "export const sms = {\n  type: 'sms',\n}\n" }

/** Put together, so that the rule does not find itself. */
const later = ['TO', 'DO'].join('')

interface Law {
  readonly says: string
  readonly rule: Rule
  /** Houses that break it. */
  readonly faults: readonly Readonly<Record<string, string>>[]
  /** Houses that look as if they broke it and do not. */
  readonly harmless: readonly Readonly<Record<string, string>>[]
}

const laws: readonly Law[] = [
  {
    says: 'imports point down',
    rule: importsPointDown,
    faults: [
      { [`${src}/model/event.ts`]: "import type { Rule } from '../rules/rule.ts'\n" },
      { [`${src}/rules/detect.ts`]: "import { render } from '../delivery/render.ts'\n" },
      { [`${src}/routing/route.ts`]: "import { detect } from '../rules/detect.ts'\n" },
      { [`${src}/pipeline.ts`]: "export { email } from './channels/email.ts'\n" },
      { [`${src}/engine.ts`]: "import { manualClock } from './testing/manual-clock.ts'\n" },
      { [`${src}/client.ts`]: "const check = await import('./commands/check.ts')\n" },
      { [`${src}/queue/claim.ts`]: "import { DatabaseSync } from 'node:sqlite'\n" },
      { [`${src}/client.ts`]: "import { serve } from '@tocsin/server'\n" },
      { [`${src}/client.ts`]: "import { main } from '../../server/src/main.ts'\n" },
    ],
    harmless: [
      { [`${src}/routing/route.ts`]: "import { alertView } from '../rules/view.ts'\n" },
      { [`${src}/rules/detect.ts`]: "// import { render } from '../delivery/render.ts'\nconst text = \"import { x } from '../delivery/render.ts'\"\n" },
      { [`${src}/stores/sqlite.test.ts`]: "import { storeSuite } from '../testing/store-suite.ts'\n" },
    ],
  },
  { says: 'a channel knows no other channel', rule: channelsAreStrangers, faults: [{ ...registry, [`${src}/channels/voice.ts`]: "import { sms } from './sms.ts'\n" }], harmless: [{ ...registry, [`${src}/channels/sms.ts`]: "import { post } from './http.ts'\n" }] },
  {
    says: 'nothing imports itself through others',
    rule: noCircles,
    faults: [{ [`${src}/rules/a.ts`]: "import { b } from './b.ts'\n", [`${src}/rules/b.ts`]: "import { c } from './c.ts'\n", [`${src}/rules/c.ts`]: "import type { A } from './a.ts'\n" }],
    harmless: [{ [`${src}/rules/a.ts`]: "import { b } from './b.ts'\nimport { c } from './c.ts'\n", [`${src}/rules/b.ts`]: "import { c } from './c.ts'\n", [`${src}/rules/c.ts`]: '' }],
  },
  {
    says: 'time, chance and the environment are handed in',
    rule: timeAndChanceAreHandedIn,
    faults: ['Date.now()', 'new Date()', 'performance.now()', 'setTimeout(f, 1)', 'setInterval(f, 1)', 'setImmediate(f)', 'Math.random()', 'randomUUID()', 'process.env.HOME'].map((call) => ({
      [`${src}/queue/retry.ts`]: `const value = ${call}\n`,
    })),
    harmless: [
      { [`${src}/queue/retry.ts`]: "// Date.now() is wrong here\nconst day = new Date(atMs)\nconst text = 'process.env'\n" },
      { [`${src}/model/clock.ts`]: 'const nowMs = Date.now()\n' },
      { [`${src}/queue/retry.test.ts`]: 'const nowMs = Date.now()\n' },
    ],
  },
  {
    says: 'SQL is in stores/ only',
    rule: sqlIsInStores,
    faults: [{ [`${src}/queue/claim.ts`]: 'const rows = all(`select id from ${table} where due_ms < 1`)\n' }, { [`${src}/queue/claim.ts`]: "run('INSERT INTO alerts VALUES (1)')\n" }],
    harmless: [{ [`${src}/stores/claim.ts`]: 'all(`select id from alerts`)\n' }, { [`${src}/queue/claim.ts`]: "const text = 'Choose one from the list'\n" }],
  },
  {
    says: "a channel's name is in its file and the registry only",
    rule: channelNamesAreInTheirFiles,
    faults: [
      { ...registry, [`${src}/delivery/render.ts`]: "const isShort = channel.type === 'sms'\n" },
      { ...registry, [`${src}/engine.ts`]: "const own = { type: 'sms' }\n" },
    ],
    harmless: [{ ...registry, [`${src}/engine.ts`]: "// { type: 'sms' }\n" }],
  },
  { says: 'no package registry is named', rule: noRegistryIsNamed, faults: [{ '.ci/run': `npm ci --registry https://${['registry', 'npmjs', 'org'].join('.')}\n` }], harmless: [{ '.ci/run': 'npm ci # from the registry that npm is set to\n' }] },
  { says: 'nothing is left for later', rule: nothingIsLeftForLater, faults: [{ [`${src}/queue/claim.ts`]: `// ${later}: retry\n` }], harmless: [{ [`${src}/queue/claim.ts`]: 'const todos = 1\n' }] },
  { says: 'names say what is there', rule: namesSayWhatIsThere, faults: [{ [`${src}/queue/utils.ts`]: '' }, { [`${src}/common/text.ts`]: '' }, { 'test/http-helpers.ts': '' }], harmless: [{ [`${src}/queue/commonest-cause.ts`]: '' }] },
  { says: 'files are short', rule: filesAreShort, faults: [{ [`${src}/queue/claim.ts`]: 'x\n'.repeat(351) }, { 'ARCHITECTURE.md': 'x\n'.repeat(151) }], harmless: [{ [`${src}/queue/claim.ts`]: 'x\n'.repeat(350) }] },
  {
    says: 'tests that share a process leave it as it was',
    rule: sharedProcessIsLeftAsItWas,
    faults: [
      { [`${src}/queue/claim.test.ts`]: "process.env['TZ'] = 'UTC'\n" },
      { [`${src}/channels/sms.test.ts`]: "import { spawn } from 'node:child_process'\n" },
      { [`${src}/rules/budgets/slots.test.ts`]: 'vi.useFakeTimers()\n' },
      { 'packages/server/src/http/keys.test.ts': 'process.kill(child.pid)\n' },
    ],
    harmless: [{ [`${src}/queue/claim.test.ts`]: "// process.env\nconst text = 'process.env'\n" }, { [`${src}/channels/email.test.ts`]: "import { spawn } from 'node:child_process'\n" }],
  },
  {
    says: 'every language says everything',
    rule: everyLanguageSaysAll,
    faults: [{ [`${src}/locales/en.ts`]: "export const en = {\n  failed: { subject: 'a', body: 'b' },\n}\n", [`${src}/locales/zh-CN.ts`]: "export const zh = {\n  'failed': { subject: 'a' },\n}\n" }],
    harmless: [{ [`${src}/locales/en.ts`]: "export const en = { failed: { 'sub.ject': 'a: {b}' } }\n", [`${src}/locales/zh-CN.ts`]: "export const zh = {\n  'failed': { 'sub.ject': '甲' },\n}\n" }],
  },
]

describe.each(laws)('$says', ({ rule, faults, harmless }) => {
  test('in this house', () => {
    expect(rule(house).map(({ path, line, what }) => `${path}:${line} ${what}`)).toEqual([])
  })
  test.each(faults)('and a fault is seen: %j', (files) => {
    expect(rule(houseOf(files))).not.toEqual([])
  })
  test.each(harmless)('and what only looks like one is not: %j', (files) => {
    expect(rule(houseOf(files))).toEqual([])
  })
})

describe('taking a source file apart', () => {
  test('keeps code and blanks comments, strings and expressions', () => {
    const { code, strings } = partsOf("const a = 'it\\'s' // b\nconst c = /[/'\"]/.test(d) /* e */ && f / g / h\n")
    expect(code).toContain('const c =')
    expect(code).toContain('.test(d)')
    expect(code).toContain('f / g / h')
    expect(code).not.toMatch(/\bb\b|\be\b|it|"/)
    expect(strings.map(({ value }) => value)).toEqual(["it\\'s"])
  })
  test('keeps code inside templates, however deep', () => {
    const { code, strings } = partsOf('const a = `x ${b({ c: `y ${d} z` })} w`\nconst e = 1\n')
    expect(code).toContain('b({ c: ')
    expect(code).toContain('${d}')
    expect(code).toContain('const e = 1')
    expect(strings.map(({ value }) => value)).toEqual(['x ', 'y ', ' z', ' w'])
  })
  test('sees every form of import', () => {
    const text = "import a, { b } from './a.ts'\nimport type { C } from './c.ts'\nimport {\n  d,\n} from './d.ts'\nexport * from './e.ts'\nimport './f.ts'\nconst g = await import('./g.ts')\nexport const h = 'i'\n"
    const [file] = houseOf({ 'packages/core/src/x.ts': text }).files
    const imports = file === undefined ? [] : importsOf(file)
    expect(imports.map(({ specifier }) => specifier)).toEqual(['./a.ts', './c.ts', './d.ts', './e.ts', './f.ts', './g.ts'])
    expect(imports.map(({ isType }) => isType)).toEqual([false, true, false, false, false, false])
    expect(imports[2]?.line).toBe(3)
  })
  test('finds the sources of the house, so that no rule passes for want of files', () => {
    const paths = house.files.map(({ path }) => path)
    expect(paths).toContain(`${src}/model/event.ts`)
    expect(paths).toContain('package.json')
    expect(house.files.flatMap(importsOf).length).toBeGreaterThan(100)
  })
})
