import type { AlertKind } from '../model/alert.ts'
import type { BuiltInSettingName, Config } from '../model/config.ts'
import type { Said } from '../model/said.ts'
import type { Severity } from '../model/severity.ts'
import type { Rule } from './rule.ts'

/** A number that a built-in rule can be given under `rules:`: durations in milliseconds, shares from 0 to 1. */
export interface Setting {
  readonly byDefault: number
  /** What the number means for this rule, without its default: a line of the documentation and of its form. */
  readonly says: Said
}

/** A rule that comes with the product: what its page in the documentation says, and what makes it. */
export interface BuiltInRule {
  /** As under `rules:`, such as `model-slow`. */
  readonly name: string
  readonly kind: AlertKind
  /** Unless the configuration says otherwise. A rule whose severity depends on what it finds says so in `says`. */
  readonly severity: Severity
  /** Absent: on unless switched off by name. */
  readonly isOff?: true
  /** When it fires, and what ends it, in one or two sentences: a line of the documentation and of its form. */
  readonly says: Said
  /** What it can be given besides severity and links. */
  readonly settings: Readonly<Partial<Record<BuiltInSettingName, Setting>>>
  make(given: Readonly<Partial<Record<BuiltInSettingName, number>>> & { readonly severity?: Severity | undefined }, config: Config): Rule
}

/**
 * Declares a built-in rule; `create` gets every number it declared, as given or by default. `severity` is the one that
 * somebody asked for: absent, the rule's own holds.
 *
 * @example
 * export const modelSlow = builtIn({
 *   name: 'model-slow', kind: 'model', severity: 'warning', says: { en: 'A call took longer than `after`.', 'zh-CN': '调用耗时超过 `after`。' },
 *   settings: { after: { byDefault: 60_000, says: { en: 'how long a call may take', 'zh-CN': '调用最多可以耗时多久' } } },
 *   create: ({ severity = 'warning', after }) => ({ … }),
 * })
 */
export function builtIn<Name extends BuiltInSettingName = never>(
  declared: Omit<BuiltInRule, 'settings' | 'make'> & {
    readonly settings?: Readonly<Record<Name, Setting>>
    readonly create: (own: Readonly<Record<Name, number>> & { readonly severity?: Severity | undefined }, config: Config) => Rule
  },
): BuiltInRule {
  const { create, settings, ...rest } = declared
  const known: readonly (readonly [string, Setting])[] = Object.entries(settings ?? {})
  return {
    ...rest,
    settings: settings ?? {},
    make(given, config) {
      const said: Readonly<Record<string, unknown>> = given
      // Reason for the cast: its keys are the names that were declared, and what the schema let through is a number.
      const numbers = Object.fromEntries(known.map(([name, { byDefault }]) => [name, said[name] ?? byDefault])) as Record<Name, number>
      return create({ ...numbers, severity: given.severity }, config)
    },
  }
}
