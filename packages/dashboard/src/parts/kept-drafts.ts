/** What was typed into a form and not saved when its page was left. In the memory of this page alone: there may be secrets in it. */
export interface KeptDraft {
  readonly name: string
  readonly value: unknown
  /** Of what it was made in; absent: it is new. */
  readonly etag?: string
}

const keptMax = 20
const drafts = new Map<string, KeptDraft>()

export function keepDraft(key: string, draft: KeptDraft): void {
  drafts.delete(key)
  drafts.set(key, draft)
  const [oldest] = drafts.keys()
  if (drafts.size > keptMax && oldest !== undefined) drafts.delete(oldest)
}

export function keptDraft(key: string): KeptDraft | undefined {
  return drafts.get(key)
}

export function dropDraft(key: string): void {
  drafts.delete(key)
}
