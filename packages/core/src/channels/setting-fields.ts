import { z } from 'zod'
import type { ChannelType } from '../model/channel.ts'
import { saidIn, type Said } from '../model/said.ts'

export interface SettingField {
  readonly name: string
  /** For people, such as `Server`. */
  readonly label: string
  readonly hint?: string
  readonly required: boolean
  /** What it is when it is left out. */
  readonly default?: string | number | boolean
  /** Never shown, logged or sent back. */
  readonly secret: boolean
  /** The path of a file may stand in its place. */
  readonly mayBeFile: boolean
}

/** What is typed for a setting: a line of text, a number, yes or no, texts in a list, or texts each with a name. */
export type SettingKind = 'text' | 'number' | 'boolean' | 'list' | 'pairs'

const kinds: Readonly<Record<string, SettingKind>> = { number: 'number', integer: 'number', boolean: 'boolean', array: 'list', object: 'pairs' }

/** What a form asks for at each setting of a type, by its name. */
export function settingKinds(type: ChannelType): Readonly<Record<string, SettingKind>> {
  if (!(type.settings instanceof z.ZodObject)) return {}
  return Object.fromEntries(Object.entries(type.settings.shape).flatMap(([name, schema]) => (schema instanceof z.ZodType ? [[name, kindOf(schema)] as const] : [])))
}

/** Where several are taken, text is one of them. */
function kindOf(schema: z.ZodType): SettingKind {
  const { type } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return (typeof type === 'string' ? kinds[type] : undefined) ?? 'text'
}

/**
 * The settings of a type in the order of its schema: documentation, forms and the list of secrets follow from it.
 *
 * @param locale in which labels and hints are said, where the type says them in it
 */
export function settingFields(type: ChannelType, locale = 'en'): readonly SettingField[] {
  if (!(type.settings instanceof z.ZodObject)) return []
  return Object.entries(type.settings.shape).flatMap(([name, schema]) => (schema instanceof z.ZodType ? [fieldOf(name, schema, locale)] : []))
}

/** Title, description, example and how to get the credentials of a type, from the `meta` of its settings: `about`, each in every language, and `example`. */
export function aboutType(type: ChannelType, locale = 'en'): { readonly title: string; readonly description: string; readonly example: string; readonly credentials: string } {
  const { about = {}, example } = type.settings.meta() ?? {}
  const said = (part: string): string | undefined => textOf(typeof about === 'object' && about !== null ? Reflect.get(about, part) : undefined, locale)
  return { title: said('title') ?? type.type, description: said('description') ?? '', example: textOf(example, locale) ?? '', credentials: said('credentials') ?? '' }
}

/** What a type says of settings that do not fit, in Chinese: by the English sentence, in which `{name}` stands for anything. */
export function refusedSettingsInChinese(type: ChannelType): Readonly<Record<string, string>> {
  const declared = type.settings.meta()?.['inChinese']
  return typeof declared === 'object' && declared !== null ? Object.fromEntries(Object.entries(declared).filter((pair): pair is [string, string] => typeof pair[1] === 'string')) : {}
}

function fieldOf(name: string, schema: z.ZodType, locale: string): SettingField {
  const meta = schema.meta() ?? {}
  const left = schema.safeParse(undefined)
  const hint = textOf(meta['hint'], locale)
  const fallback = left.success && (typeof left.data === 'string' || typeof left.data === 'number' || typeof left.data === 'boolean') ? left.data : undefined
  return {
    name,
    label: textOf(meta['label'], locale) ?? name,
    required: !left.success,
    secret: meta['secret'] === true,
    mayBeFile: meta['mayBeFile'] === true,
    ...(hint === undefined ? {} : { hint }),
    ...(fallback === undefined ? {} : { default: fallback }),
  }
}

/** A type that somebody else made may say it in one language alone. */
function textOf(value: unknown, locale: string): string | undefined {
  if (isSaid(value)) return saidIn(value, locale)
  return typeof value === 'string' ? value : undefined
}

function isSaid(value: unknown): value is Said {
  return typeof value === 'object' && value !== null && 'en' in value && typeof value.en === 'string' && 'zh-CN' in value && typeof value['zh-CN'] === 'string'
}
