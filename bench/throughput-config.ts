import { configurationFrom } from '../packages/core/src/configuration.ts'
import type { ChannelType } from '../packages/core/src/model/channel.ts'
import type { Config } from '../packages/core/src/model/config.ts'

/**
 * Eight rules and a budget: `each-call` tells every call by itself, the others look at every call and every session and
 * find nothing, as rules do most of the time.
 */
export function throughputConfig(channelType: ChannelType, project = 'bench'): Config {
  return configurationFrom(
    {
      project,
      channels: { out: { type: channelType.type } },
      people: { dana: { role: 'admin', email: 'dana@example.com', timezone: 'Europe/Berlin' } },
      rules: {
        'each-call': { on: 'llm.call', when: "event.environment == 'production'", severity: 'warning', groupBy: ['id'] },
        'big-call': { on: 'llm.call', when: "event.costUsd > 5.0 && event.tags.team == 'support'", severity: 'high', groupBy: ['agent', 'model'] },
        'session-started': {},
        'session-ended': {},
        'session-failed': {},
        'session-expensive': { aboveUsd: 10_000 },
        'model-failed': {},
        'model-expensive': { aboveUsd: 100 },
      },
      budgets: { 'support-month': { amountUsd: 900_000, period: 'month', timezone: 'Asia/Shanghai', where: "event.tags.team == 'support'" } },
      routes: [
        { match: "alert.severity == 'critical'", to: ['dana'], via: ['out'], stop: true },
        { match: "alert.kind == 'model'", to: ['dana'], via: ['out'] },
      ],
      store: { durability: 'full' },
      // A message for each call, which nobody would want.
      limits: false,
      storm: false,
    },
    [channelType],
  )
}
