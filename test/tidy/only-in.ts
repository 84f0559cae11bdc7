import { channelFiles } from './imports.ts'
import { isProduction, isSource, lineAt, matchesIn, type HouseFile, type Rule } from './house.ts'

/** What may stand in one place only, so that the simulation can replace it and a reader finds it. */
const places: readonly { readonly pattern: RegExp; readonly allowed: RegExp; readonly where: string }[] = [
  { pattern: /\bDate\.now\b|\bnew Date\(\s*\)|\bperformance\.now\b|\b(?:setTimeout|setInterval)\b/, allowed: /\/model\/clock\.ts$/, where: 'model/clock.ts' },
  { pattern: /\bsetImmediate\b/, allowed: /\/(?:model\/clock|pipeline)\.ts$/, where: 'model/clock.ts and pipeline.ts' },
  { pattern: /\bMath\.random\b|\brandomBytes\b|\brandomUUID\b|\bgetRandomValues\b/, allowed: /\/model\/chance\.ts$/, where: 'model/chance.ts' },
  { pattern: /\bprocess\.env\b/, allowed: /\/src\/(?:commands\/.+|load-(?:config|remote)\.ts|main\.ts)$/, where: 'commands/, load-config.ts, load-remote.ts and main.ts' },
]

/** Pages are drawn in a browser, whose clock a test can replace as a whole. */
const isPage = (path: string): boolean => path.startsWith('packages/dashboard/')

export const timeAndChanceAreHandedIn: Rule = (house) =>
  places.flatMap(({ pattern, allowed, where }) =>
    matchesIn(
      house.files.filter(({ path }) => isProduction(path) && !isPage(path) && !allowed.test(path)),
      pattern,
      (found) => `${found} belongs in ${where}`,
    ),
  )

const sql = /\b(?:select\s[^'"]{1,200}\sfrom|insert\s+(?:or\s+\w+\s+)?into|delete\s+from|update\s+\w+\s+set|create\s+(?:unique\s+)?(?:table|index)|begin\s+immediate|pragma\s+\w+)\b/i

export const sqlIsInStores: Rule = (house) =>
  stringsIn(
    house.files.filter(({ path }) => isProduction(path) && !path.includes('/src/stores/')),
    (value) => (sql.test(value) ? `SQL belongs in stores/: ${value.trim().slice(0, 40)}` : undefined),
  )

/** `type: 'sms'` or `type === 'sms'`: whoever needs to know asks the channel what it can. */
export const channelNamesAreInTheirFiles: Rule = (house) => {
  const channels = channelFiles(house)
  if (channels.size === 0) return []
  const naming = new RegExp(String.raw`\btype\b\s*(?::|===?|!==?)\s*'(${[...channels.values()].join('|')})'`, 'g')
  return house.files
    .filter(({ path }) => isProduction(path) && !channels.has(path) && !path.endsWith('/channels/registry.ts'))
    .flatMap(({ path, text, code }) =>
      [...text.matchAll(naming)]
        .filter((match) => code.startsWith(match[0].slice(0, 4), match.index))
        .map((match) => ({ path, line: lineAt(text, match.index), what: `the name of the channel ${match[1] ?? ''} belongs in its file and the registry` })),
    )
}

/** The lock file alone names where packages come from. Put together here, so that this file does not name them either. */
const registries = new RegExp(['registry', 'npmjs'].join(String.raw`\.`) + '|' + ['registry', 'yarnpkg'].join(String.raw`\.`) + '|' + ['npm', 'pkg', 'github'].join(String.raw`\.`) + '|' + ['npm', 'mirror'].join(''), 'i')

export const noRegistryIsNamed: Rule = (house) =>
  house.files.flatMap(({ path, text }) => {
    const found = registries.exec(text)
    return found === null ? [] : [{ path, line: lineAt(text, found.index), what: `names the package registry ${found[0]}` }]
  })

export const nothingIsLeftForLater: Rule = (house) =>
  house.files
    .filter(({ path }) => path.endsWith('.ts') && !path.startsWith('test/tidy'))
    .flatMap(({ path, text }) => {
      const found = /\b(?:TODO|FIXME)\b/.exec(text)
      return found === null ? [] : [{ path, line: lineAt(text, found.index), what: `${found[0]}: do it or write it down elsewhere` }]
    })

function stringsIn(files: readonly HouseFile[], judge: (value: string) => string | undefined): ReturnType<Rule> {
  return files.flatMap(({ path, text, strings }) =>
    strings.flatMap(({ index, value }) => {
      const what = judge(value)
      return what === undefined ? [] : [{ path, line: lineAt(text, index), what }]
    }),
  )
}

/** Names that say nothing about what is in them. */
export const namesSayWhatIsThere: Rule = (house) =>
  house.files
    .filter(({ path }) => isSource(path) || /^(?:test|bench|examples)\//.test(path))
    .filter(({ path }) => /(?:^|[/.-])(?:utils?|common|helpers?|misc)(?=[/.-]|$)/.test(path))
    .map(({ path }) => ({ path, line: 1, what: 'name the idea, not the drawer' }))

const sourceLinesMax = 350
const architectureLinesMax = 150

export const filesAreShort: Rule = (house) =>
  house.files.flatMap(({ path, text }) => {
    const most = path === 'ARCHITECTURE.md' ? architectureLinesMax : isSource(path) ? sourceLinesMax : undefined
    const lines = text.split('\n').length - 1
    return most === undefined || lines <= most ? [] : [{ path, line: most, what: `${lines} lines, at most ${most}: which second idea moved in?` }]
  })
