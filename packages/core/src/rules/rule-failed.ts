import { errorText } from '../model/error.ts'
import type { ProjectFinding } from './rule.ts'

/** A rule, budget or route whose condition cannot be evaluated: said once an hour at most, and the others go on. */
export function ruleFailed(project: string, name: string, failure: unknown, atMs: number): ProjectFinding {
  // Of a CEL error only the first line: the rest repeats the expression.
  const cause = errorText(failure).split('\n', 1)[0] ?? ''
  return {
    project,
    rule: 'rule-failed',
    key: name,
    kind: 'system',
    severity: 'warning',
    message: 'system.rule-failed',
    params: { rule: name, cause, at: atMs },
    ends: 'quiet',
    quietMs: 3_600_000,
    evidence: { rule: name, cause },
  }
}
