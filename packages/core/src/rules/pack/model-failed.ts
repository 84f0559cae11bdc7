import { sharedCause } from '../../model/cause.ts'
import type { ErrorClass } from '../../model/event.ts'
import { aboutEvent, eventParams } from '../about.ts'
import { groupKey } from '../group-key.ts'
import { quietMs } from '../rule.ts'
import { builtIn } from '../built-in.ts'
import type { EventRule } from '../rule.ts'

/** What does not go away by waiting: somebody has to act. */
const needsSomebody: readonly ErrorClass[] = ['auth', 'quota']

/** A model call failed. One alert for each agent, provider, model and class of error; calls the agent itself gave up are no failure. */
export const modelFailed = builtIn({
  name: 'model-failed',
  kind: 'model',
  severity: 'warning',
  says: {
    en: 'A model call failed; `high` where somebody has to act (keys and quota). Over when none failed so for ten minutes.',
    'zh-CN': '一次模型调用失败；需要有人处理时（密钥和配额）为 `high`。十分钟内未再如此失败则解除。',
  },
  create({ severity }): EventRule {
    return {
      name: 'model-failed',
      looksAt: 'events',
      on: ['llm.call'],
      find(event) {
        if (event.llm === undefined || event.status !== 'error') return undefined
        const errorClass = event.error?.class ?? 'other'
        if (errorClass === 'cancelled') return undefined
        const { provider, model, retries } = event.llm
        return {
          rule: 'model-failed',
          key: groupKey([event.agent ?? '', provider, model, errorClass]),
          kind: 'model',
          severity: severity ?? (needsSomebody.includes(errorClass) ? 'high' : 'warning'),
          message: 'model.failed',
          params: {
            ...eventParams(event),
            provider,
            model,
            errorClass,
            ...(event.environment !== undefined && { environment: event.environment }),
            ...(event.error?.statusCode !== undefined && { statusCode: event.error.statusCode }),
            ...(event.error !== undefined && event.error.message !== '' && { errorMessage: event.error.message }),
            ...(retries !== undefined && { retries }),
          },
          ends: 'quiet',
          quietMs,
          evidence: { event: event.id, errorClass, ...(event.error?.code !== undefined && { code: event.error.code }) },
          ...sharedCause({ provider, model, class: errorClass, atMs: event.atMs }),
          ...aboutEvent(event),
        }
      },
    }
  },
})
