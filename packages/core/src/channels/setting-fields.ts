import { z } from 'zod'
import type { ChannelType } from '../model/channel.ts'

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

/** The settings of a type in the order of its schema: documentation, forms and the list of secrets follow from it. */
export function settingFields(type: ChannelType): readonly SettingField[] {
  if (!(type.settings instanceof z.ZodObject)) return []
  return Object.entries(type.settings.shape).flatMap(([name, schema]) => (schema instanceof z.ZodType ? [fieldOf(name, schema)] : []))
}

/** Title, description, example and how to get the credentials of a type, from the `meta` of its settings. */
export function aboutType(type: ChannelType): { readonly title: string; readonly description: string; readonly example: string; readonly credentials: string } {
  const meta = type.settings.meta() ?? {}
  return { title: textOf(meta['title']) ?? type.type, description: textOf(meta['description']) ?? '', example: textOf(meta['example']) ?? '', credentials: textOf(meta['credentials']) ?? '' }
}

function fieldOf(name: string, schema: z.ZodType): SettingField {
  const meta = schema.meta() ?? {}
  const left = schema.safeParse(undefined)
  const hint = textOf(meta['hint'])
  const fallback = left.success && (typeof left.data === 'string' || typeof left.data === 'number' || typeof left.data === 'boolean') ? left.data : undefined
  return {
    name,
    label: textOf(meta['label']) ?? name,
    required: !left.success,
    secret: meta['secret'] === true,
    mayBeFile: meta['mayBeFile'] === true,
    ...(hint === undefined ? {} : { hint }),
    ...(fallback === undefined ? {} : { default: fallback }),
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
