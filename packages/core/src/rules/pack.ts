import type { BuiltInRule } from './built-in.ts'
import { modelExpensive } from './pack/model-expensive.ts'
import { modelFailed } from './pack/model-failed.ts'
import { modelRecorded } from './pack/model-recorded.ts'
import { sessionEnded } from './pack/session-ended.ts'
import { sessionExpensive } from './pack/session-expensive.ts'
import { sessionFailed } from './pack/session-failed.ts'
import { sessionStarted } from './pack/session-started.ts'

/** The rules that come with the product, as its documentation lists them. A new one is a file and a line. */
export const pack: readonly BuiltInRule[] = [
  sessionStarted,
  sessionEnded,
  sessionFailed,
  sessionExpensive,
  modelRecorded,
  modelFailed,
  modelExpensive,
]
