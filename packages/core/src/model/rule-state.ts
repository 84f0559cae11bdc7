/** What a rule is about, such as a session or `agent|model`; empty where it has one subject only. */
export interface RuleKey {
  readonly project: string
  readonly rule: string
  readonly key: string
}

/** What a rule keeps between events, about one of its keys. */
export interface RuleState extends RuleKey {
  /** The rule's own text, at most 16,000 characters. */
  readonly value: string
  /** Ones that were not written since then may be forgotten, milliseconds since 1970. */
  readonly atMs: number
}

/** The part of a transaction in which rules keep what they need to know of earlier events: texts that the store does not look into. */
export interface RuleStates {
  /** For each key what its rule keeps, if anything. */
  ruleStates(of: readonly RuleKey[]): Promise<readonly (string | undefined)[]>
  putRuleStates(states: readonly RuleState[]): Promise<void>
  removeRuleStates(of: readonly RuleKey[]): Promise<void>
  /** Keys of a rule in order, after the given one (empty: from the first). At most `limit`, 1 to 10,000. */
  ruleKeys(of: { readonly project: string; readonly rule: string; readonly after: string; readonly limit: number }): Promise<readonly { readonly key: string; readonly value: string }[]>
  /** How many keys a rule has, counted up to `most`. */
  countRuleKeys(of: { readonly project: string; readonly rule: string; readonly most: number }): Promise<number>
}
