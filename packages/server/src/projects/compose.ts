import { errorText, examineConfiguration, TocsinError, type Config } from 'tocsin/engine'
import { webhookSource } from '../inbound/webhook-source.ts'
import type { EntryRow } from '../stores/tables.ts'
import { opened } from './entry-secrets.ts'
import { kindNames } from './kinds.ts'
import { merged, problemsByThing, type MadeEntry, type Merged, type Thing, type ThingProblem } from './merge.ts'
import { filesNamed } from './no-files.ts'
import type { SecretBox } from './secret-box.ts'

/** A row that cannot be read, such as one that a newer server has written or whose key is gone. */
export interface UnreadableRow {
  readonly kind: string
  readonly name: string
  readonly cause: string
}

/** What a file and rows come to. */
export interface Composed {
  readonly merged: Merged
  /** Absent: it does not hold together. */
  readonly config?: Config
  readonly problems: readonly ThingProblem[]
}

export interface Composer {
  open(rows: readonly EntryRow[]): { readonly entries: readonly MadeEntry[]; readonly unreadable: readonly UnreadableRow[] }
  compose(file: unknown, entries: readonly MadeEntry[]): Composed
  /** Leaves out, one after the other, the entries that something is wrong with, until the rest holds together. The file alone always does. */
  composeWhatHolds(file: unknown, entries: readonly MadeEntry[]): { readonly config: Config; readonly merged: Merged; readonly leftOut: readonly ThingProblem[] }
}

/** Puts the configuration of a project together and checks it by the core's own checks. */
export function createComposer({ box, env, folder }: { readonly box: SecretBox; readonly env: Readonly<Record<string, string | undefined>>; readonly folder: string }): Composer {
  function compose(file: unknown, entries: readonly MadeEntry[]): Composed {
    const all = merged(file, entries)
    const naming = all.things.flatMap((thing) => (thing.origin === 'api' ? filesNamed(thing.kind, thing.value).map(({ pointer, detail }): ThingProblem => ({ thing, pointer, text: detail })) : []))
    // What names a file is not looked at any further: to look at it is to open the file.
    const whole = naming.length === 0 ? all : merged(file, entries.filter(({ kind, name }) => !naming.some(({ thing }) => thing?.kind === kind && thing.name === name)))
    const examined = examineConfiguration(whole.data, { env, folder })
    if ('problems' in examined) return { merged: all, problems: [...naming, ...problemsByThing(whole, examined.problems)] }
    const unwritable = whole.things.flatMap((thing) => (thing.origin === 'api' && thing.kind === 'sources' ? sourceProblems(thing, examined.config) : []))
    const problems = [...naming, ...unwritable]
    return problems.length === 0 ? { merged: all, config: examined.config, problems } : { merged: all, problems }
  }

  return {
    open(rows) {
      const entries: MadeEntry[] = []
      const unreadable: UnreadableRow[] = []
      for (const { project, kind, name, body, place } of rows) {
        const known = kindNames.find((one) => one === kind)
        try {
          if (known === undefined) throw new TocsinError('config-invalid', `expected one of ${kindNames.join(', ')}, found "${kind}": a newer server may have written it`)
          entries.push({ kind: known, name, place, value: opened(body, { project, kind: known, name }, box) })
        } catch (failure) {
          unreadable.push({ kind, name, cause: errorText(failure) })
        }
      }
      return { entries, unreadable }
    },
    compose,
    composeWhatHolds(file, entries) {
      const leftOut: ThingProblem[] = []
      let rest = entries
      for (;;) {
        const { config, merged: whole, problems } = compose(file, rest)
        if (config !== undefined) return { config, merged: whole, leftOut }
        const wrong = problems.filter(({ thing }) => thing?.origin === 'api')
        if (wrong.length === 0 && rest.length === 0) throw new TocsinError('config-invalid', problems.map(({ thing, text }) => (thing === undefined ? text : `${thing.kind}.${thing.name}: ${text}`)).join('\n'))
        leftOut.push(...(wrong.length > 0 ? wrong : problems))
        // Where nothing made by the API is at fault by itself, it is all of it together.
        rest = wrong.length === 0 ? [] : rest.filter((entry) => !wrong.some(({ thing }) => thing?.kind === entry.kind && thing.name === entry.name))
      }
    },
  }
}

/** Whether its texts are templates: else whoever calls would be the first to hear of it. */
function sourceProblems(thing: Thing, { sources }: Config): readonly ThingProblem[] {
  const source = sources[thing.name]
  if (source === undefined) return []
  try {
    webhookSource(thing.name, source)
    return []
  } catch (wrong) {
    const [, field = '', text = errorText(wrong)] = /^sources\.[^:]+\.(\w+): ([^]*)$/.exec(errorText(wrong)) ?? []
    return [{ thing, pointer: field === '' ? '' : `/${field}`, text }]
  }
}
