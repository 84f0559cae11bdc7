import type { BuiltInRule } from './built-in.ts'
import { approvalWaiting } from './pack/approval-waiting.ts'
import { budgetForecast } from './pack/budget-forecast.ts'
import { cacheCollapsed } from './pack/cache-collapsed.ts'
import { callRepeated } from './pack/call-repeated.ts'
import { guardrailTripped } from './pack/guardrail-tripped.ts'
import { modelCut } from './pack/model-cut.ts'
import { modelDeprecated } from './pack/model-deprecated.ts'
import { modelEmpty } from './pack/model-empty.ts'
import { modelExpensive } from './pack/model-expensive.ts'
import { modelFailed } from './pack/model-failed.ts'
import { modelFallback } from './pack/model-fallback.ts'
import { modelHanging } from './pack/model-hanging.ts'
import { modelMalformed } from './pack/model-malformed.ts'
import { modelOutage } from './pack/model-outage.ts'
import { modelRecorded } from './pack/model-recorded.ts'
import { modelRefused } from './pack/model-refused.ts'
import { modelRepeating } from './pack/model-repeating.ts'
import { modelSlow } from './pack/model-slow.ts'
import { pingPong } from './pack/ping-pong.ts'
import { priceUnknown } from './pack/price-unknown.ts'
import { runAway } from './pack/run-away.ts'
import { sessionEnded } from './pack/session-ended.ts'
import { sessionExpensive } from './pack/session-expensive.ts'
import { sessionFailed } from './pack/session-failed.ts'
import { sessionHung } from './pack/session-hung.ts'
import { sessionLong } from './pack/session-long.ts'
import { sessionLost } from './pack/session-lost.ts'
import { sessionStarted } from './pack/session-started.ts'
import { spendAnomaly } from './pack/spend-anomaly.ts'
import { spendVelocity } from './pack/spend-velocity.ts'
import { toolFailed } from './pack/tool-failed.ts'
import { toolFailing } from './pack/tool-failing.ts'

/** The rules that come with the product, as its documentation lists them. A new one is a file and a line. */
export const pack: readonly BuiltInRule[] = [
  sessionStarted,
  sessionEnded,
  sessionFailed,
  sessionLost,
  sessionHung,
  sessionLong,
  sessionExpensive,
  modelRecorded,
  modelFailed,
  modelOutage,
  modelSlow,
  modelHanging,
  modelEmpty,
  modelCut,
  modelRefused,
  modelMalformed,
  modelRepeating,
  modelFallback,
  modelDeprecated,
  modelExpensive,
  toolFailed,
  toolFailing,
  callRepeated,
  runAway,
  pingPong,
  approvalWaiting,
  guardrailTripped,
  budgetForecast,
  spendAnomaly,
  spendVelocity,
  priceUnknown,
  cacheCollapsed,
]
