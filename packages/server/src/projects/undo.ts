import { isDeepStrictEqual } from 'node:util'
import type { Said } from 'tocsin/engine'
import { recordedForm, type RecordedChange } from '../access/audit.ts'
import { Problem } from '../http/problem.ts'
import type { By, Configuration } from './configuration.ts'
import type { Item } from './items.ts'
import { kinds, type Kind } from './kinds.ts'

/** Why a change on record is not taken back, for people. */
export const noUndo = {
  /** What is recorded of it is not all of it. */
  secrets: { en: 'What was there before had secrets in it, which are on no record. Write it anew.', 'zh-CN': '之前的内容含有密钥，记录中不保存密钥。请重新填写。' },
  long: { en: 'What was there before is too long to be on record. Write it anew.', 'zh-CN': '之前的内容过长，没有完整记录。请重新填写。' },
  changed: { en: 'It was changed since. Undo the later change first, or write it anew.', 'zh-CN': '此后又有更改。请先撤销之后的更改，或重新填写。' },
  file: { en: 'It is in the configuration file by now, and read-only here.', 'zh-CN': '它现已在配置文件中，此处只读。' },
} as const satisfies Readonly<Record<string, Said>>
export type NoUndo = keyof typeof noUndo

type Verb = 'create' | 'update' | 'delete' | 'order'

/** A change of something that is configured. */
interface Undoable {
  readonly kind: Kind
  readonly verb: Verb
}

/** Of other changes, such as a key that was revoked, nothing is taken back here. */
export function undoable({ action }: Pick<RecordedChange, 'action'>): Undoable | undefined {
  const [, path, word] = /^([\w-]+)\.(create|update|delete|order)$/.exec(action) ?? []
  const kind = kinds.find((one) => one.path === path)
  const verb = (['create', 'update', 'delete', 'order'] as const).find((one) => one === word)
  return kind === undefined || verb === undefined ? undefined : { kind, verb }
}

/**
 * Whether what is there now is what the change left, and what was before it is on record.
 *
 * @param items all of its kind as they are now
 * @returns nothing where it can be taken back
 */
export function whyNoUndo(change: RecordedChange, { verb }: Pick<Undoable, 'verb'>, items: readonly Item[]): NoUndo | undefined {
  const text = JSON.stringify([change.before, change.after])
  if (/"tooLong":\d/.test(text)) return 'long'
  if (/\[secret\]|\[REDACTED|"secret":true,"set":true/.test(text)) return 'secrets'
  if (verb === 'order') return isDeepStrictEqual(items.filter(({ origin }) => origin === 'api').map(({ name }) => name), change.after) ? undefined : 'changed'
  const item = items.find(({ name, origin }) => name === change.target && origin !== 'default')
  if (item?.origin === 'file') return 'file'
  const isAsLeft = verb === 'delete' ? item === undefined : item !== undefined && isDeepStrictEqual(recordedForm(item.value), change.after)
  return isAsLeft ? undefined : 'changed'
}

/** Puts back what was there before a change, as a change of its own: checked with all the rest, and on record. */
export async function undo(configuration: Configuration, project: string, change: RecordedChange, what: Undoable, by: By): Promise<void> {
  const { kind, verb } = what
  const { items, etag } = await configuration.list(project, kind)
  const why = whyNoUndo(change, what, items)
  if (why !== undefined) throw new Problem(409, why === 'changed' ? 'changed' : 'no-undo', noUndo[why].en)
  const name = change.target
  const target = { project, kind, name }
  // Of the very thing that was looked at: who is faster is not overwritten.
  const ifMatch = items.find((item) => item.name === name)?.etag ?? ''
  if (verb === 'create') await configuration.remove(target, { ifMatch }, by)
  else if (verb === 'update') await configuration.put(target, change.before, { ifMatch }, by)
  else if (verb === 'delete') await configuration.put(target, change.before, { ifNoneMatch: '*' }, by)
  else await configuration.order({ project, kind }, namesOf(change.before), { ifMatch: etag }, by)
}

function namesOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((name): name is string => typeof name === 'string') : []
}
