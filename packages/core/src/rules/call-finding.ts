import type { Finding } from '../model/alert.ts'
import type { Event, LlmCall } from '../model/event.ts'
import type { MessageId, MessageParams } from '../model/message.ts'
import type { Severity } from '../model/severity.ts'
import { aboutEvent, eventParams } from './about.ts'
import { groupKey } from './group-key.ts'
import { quietMs } from './rule.ts'

/**
 * What is odd about a model call that was made: one alert for each agent, provider and model, over when nothing like it was seen for
 * ten minutes.
 */
export function callFinding(
  event: Event,
  llm: LlmCall,
  found: { readonly rule: string; readonly severity: Severity; readonly message: MessageId; readonly params?: MessageParams; readonly evidence?: Finding['evidence']; readonly ends?: 'told' },
): Finding {
  const { provider, model } = llm
  return {
    rule: found.rule,
    key: groupKey([event.agent ?? '', provider, model]),
    kind: 'model',
    severity: found.severity,
    message: found.message,
    params: {
      ...eventParams(event),
      provider,
      model,
      ...(event.environment !== undefined && { environment: event.environment }),
      ...found.params,
      // What the agent's model said, where the source gives a piece of it.
      ...(event.excerpt !== undefined && { excerpt: event.excerpt }),
    },
    ends: found.ends ?? 'quiet',
    quietMs,
    evidence: { event: event.id, ...found.evidence },
    ...aboutEvent(event),
  }
}
