import type { Path, Problem } from './config-source.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Data with `${NAME}` replaced, and where, so that what came from the environment is never shown. */
export interface Replaced {
  readonly data: unknown
  /** Path (joined by dots) → the text as it was written. */
  readonly written: ReadonlyMap<string, string>
  readonly problems: readonly Problem[]
}

/** Deeper than any configuration; a cyclic object in code ends here. */
const depthMax = 32

/**
 * Replaces `${NAME}` in every string by the environment; `$${NAME}` stays as `${NAME}`. A name that is not set or is empty
 * is a problem, told with its path.
 */
export function replaceEnvironment(input: unknown, environment: Environment): Replaced {
  const written = new Map<string, string>()
  const problems: Problem[] = []

  const replace = (value: unknown, path: Path): unknown => {
    if (typeof value === 'string') return replaceText(value, path)
    if (typeof value !== 'object' || value === null) return value
    if (path.length >= depthMax) {
      problems.push({ path, text: `expected at most ${depthMax} levels` })
      return undefined
    }
    if (Array.isArray(value)) return value.map((item: unknown, index) => replace(item, [...path, index]))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replace(item, [...path, key])]))
  }

  const replaceText = (text: string, path: Path): string => {
    if (!text.includes('${')) return text
    let problem: string | undefined
    const replaced = text.replaceAll(/\$(\$\{)|\$\{([^}]*)\}?/g, (whole: string, escaped: string | undefined, name: string | undefined) => {
      if (escaped !== undefined) return escaped
      if (name === undefined || !whole.endsWith('}') || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
        problem ??= 'expected the name of an environment variable such as ${SMTP_URL}; write $${ for a plain ${'
        return whole
      }
      const value = environment[name]
      if (value === undefined || value === '') problem ??= value === undefined ? `${name} is not set` : `${name} is empty`
      else written.set(path.join('.'), text)
      return value ?? ''
    })
    if (problem !== undefined) problems.push({ path, text: problem })
    return replaced
  }

  return { data: replace(input, []), written, problems }
}
