import { z } from 'zod'
import { patternProblem } from './redact/own-rules.ts'

const patternCharsMax = 500
const allowMax = 1_000
const patternsMax = 50

/** An expression of RE2, which cannot be slow. */
const pattern = z
  .string()
  .min(1)
  .max(patternCharsMax)
  .superRefine((source, context) => {
    const problem = patternProblem(source)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })

const kind = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'expected a kind of small letters, digits and dashes, at most 40 characters')

/** What a project says about redaction beyond what the product knows: see `docs/guides/redaction.md`. */
export const redactionSchema = z
  .strictObject({
    /** What stays though it was found: the whole of it as a text, or an expression that fits the whole of it. */
    allow: z
      .array(z.union([z.string().min(1).max(patternCharsMax), z.strictObject({ pattern })]))
      .max(allowMax)
      .default([]),
    /** Kind → expression of what is taken out too. */
    patterns: z
      .record(kind, pattern)
      .refine((patterns) => Object.keys(patterns).length <= patternsMax, `expected at most ${patternsMax} patterns`)
      .default({}),
  })
  .prefault({})
