/** One key of the configuration, as the schema has it. */
export interface ConfigKey {
  /** Such as `people.NAME.role` or `routes[].via.first`. */
  readonly path: string
  /** Words and numbers that its description must have: the values it may take, its bounds. */
  readonly says: readonly string[]
  /** `required`, or what its default looks like; empty where the schema has none. */
  readonly byDefault: string
}

/** What is read of a JSON schema. */
interface Node {
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Node[]
  readonly properties?: Readonly<Record<string, Node>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Node | boolean
  readonly items?: Node
  readonly [bound: string]: unknown
}

const bounds = ['minimum', 'maximum', 'exclusiveMinimum', 'minItems', 'maxItems', 'minLength', 'maxLength']

/** Every key of the configuration. A key that stands in several forms of a thing, such as a rule's `severity`, is one with the words of all. */
export function configKeys(schema: unknown): readonly ConfigKey[] {
  const keys = new Map<string, ConfigKey>()
  // Reason for the cast: what zod writes is a JSON schema.
  for (const key of keysIn(schema as Node, '')) {
    const before = keys.get(key.path)
    keys.set(key.path, before === undefined ? key : { ...key, says: [...new Set([...before.says, ...key.says])], byDefault: before.byDefault || key.byDefault })
  }
  // Given once or as a list of the same: described once.
  return [...keys.values()].filter(({ path }) => !path.includes('[].') || !keys.has(path.replace('[].', '.')))
}

function keysIn(node: Node, path: string): readonly ConfigKey[] {
  const own = Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const at = path === '' ? name : `${path}.${name}`
    // The sections that are always there are no keys of their own.
    const isSection = child.properties !== undefined
    return [...(isSection ? [] : [describe(at, child, node.required?.includes(name) === true)]), ...keysIn(child, at)]
  })
  const entries = typeof node.additionalProperties === 'object' ? keysIn(node.additionalProperties, `${path}.NAME`) : []
  const items = node.items === undefined ? [] : keysIn(node.items, `${path}[]`)
  return [...own, ...entries, ...items, ...(node.anyOf ?? []).flatMap((form) => keysIn(form, path))]
}

function describe(path: string, node: Node, isRequired: boolean): ConfigKey {
  const bounded = [node, ...(node.items === undefined ? [] : [node.items])]
  const numbers = bounded.flatMap((one) => bounds.flatMap((bound) => (typeof one[bound] === 'number' && Math.abs(one[bound]) < Number.MAX_SAFE_INTEGER ? [String(one[bound])] : [])))
  // The pattern of a name says its length; the page says once what a name is.
  const says = [...(node.enum ?? []).map(String), ...(node.items?.['pattern'] === undefined ? numbers : numbers.filter((number) => Number(number) <= 1_000))]
  return { path, says, byDefault: isRequired ? 'required' : defaultOf(node.default) }
}

function defaultOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '' : `[${value.join(', ')}]`
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
}
