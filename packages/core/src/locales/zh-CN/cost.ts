import type { MessageId } from '../../model/message.ts'
import type { MessageWords } from '../shape.ts'
import { group, unpriced } from './phrases.ts'

const sampled = '{sampled, select, other {仅收到部分调用的采样数据，实际花费不低于此数。}}'
const spentOf = ['{sampled, select, other {至少 }}{spentUsd} / {amountUsd}', '{spentUsd} / {amountUsd}', '{spentUsd}']

export const costMessages = {
  'budget.crossed': {
    subject: [
      ['预算 {budget}（{scope}）：已用 {percent}', '预算 {budget}：已用 {percent}', '预算 {budget} 已越过阈值', '预算已越过阈值'],
      spentOf,
    ],
    lines: [
      [
        [
          '本{period}已花费 {spentUsd}，预算 {amountUsd}，超出 {overUsd}。', '本{period}已花费 {spentUsd}，预算 {amountUsd}，剩余 {leftUsd}。',
          '最近 {windowMs}内已花费 {spentUsd}，预算 {amountUsd}，超出 {overUsd}。', '最近 {windowMs}内已花费 {spentUsd}，预算 {amountUsd}，剩余 {leftUsd}。',
          '已花费 {spentUsd}，预算 {amountUsd}。', '已花费 {spentUsd}。', '该预算已用 {percent}。',
        ],
        ['按当前速度将于 {crossesAt} 用尽，本{period}结束时约为 {projectedUsd}。', '按当前速度将于 {crossesAt} 用尽。'],
      ],
      [unpriced],
      [sampled],
      ['{late, select, other {得知此事时该周期已经结束。}}'],
    ],
    short: [['预算 {budget}（{scope}）已用 {percent}', '预算 {budget} 已用 {percent}', '预算 {budget} 已越过阈值', '预算已越过阈值'], spentOf, ['按当前速度 {crossesBrief} 用尽，期末约 {projectedUsd}', '按当前速度 {crossesBrief} 用尽']],
  },
  'cost.anomaly': {
    subject: [['{below, select, other {花费骤降：{measured}}}', '花费异常：{measured}', '{below, select, other {花费骤降}}', '花费异常'], '通常 {wanted}', ...group],
    lines: [
      [['{windowMs}内花费 {measured}，预期为 {wanted}。', '花费超出此时段的通常范围。'], '{again, select, other {情况仍在持续并加重。}}'],
      [
        ['{made, select, agent {智能体 {maker}} model {模型 {maker}} operation {操作 {maker}} user {用户 {maker}} cache {{maker} 的缓存命中减少} price {{maker} 的 token 单价} other {{maker}}} 造成了其中 {madePercent} 的差异。'],
        ['{made2, select, agent {智能体 {maker2}} model {模型 {maker2}} operation {操作 {maker2}} user {用户 {maker2}} cache {{maker2} 的缓存命中减少} price {{maker2} 的 token 单价} other {{maker2}}} 占 {madePercent2}。'],
      ],
    ],
    short: [['{below, select, other {花费骤降至 {measured}}}', '花费异常 {measured}', '花费异常'], '通常 {wanted}', ['{maker} 占其中 {madePercent}'], ...group],
  },
  'budget.forecast': {
    subject: [
      ['预算 {budget}（{scope}）：按当前速度 {crossesBrief} 用尽', '预算 {budget}：按当前速度 {crossesBrief} 用尽', '预算 {budget} 将不够用', '预算将不够用'],
      spentOf,
    ],
    lines: [
      [
        ['本{period}目前已花费 {spentUsd}，预算 {amountUsd}。', '本{period}目前已花费 {spentUsd}。', '目前已花费 {spentUsd}。'],
        ['按当前速度将于 {crossesAt} 用尽，本{period}结束时约为 {projectedUsd}。', '按当前速度将于 {crossesAt} 用尽，早于本{period}结束。', '按当前速度将于 {crossesAt} 用尽。', '按当前速度将在周期结束前用尽。'],
      ],
      [unpriced],
      [sampled],
    ],
    short: [
      ['预算 {budget}（{scope}）按当前速度 {crossesBrief} 用尽', '预算 {budget} 按当前速度 {crossesBrief} 用尽', '预算 {budget} 将不够用', '预算将不够用'],
      spentOf,
      ['期末约 {projectedUsd}'],
    ],
  },
  'spend.velocity': {
    subject: [
      ['预算 {budget}（{scope}）：{toCapMs}后用尽', '预算 {budget}：{toCapMs}后用尽', '预算 {budget}：花费过快', '花费过快'],
      ['每分钟 {perMinuteUsd}，通常 {usualPerMinuteUsd}', '每分钟 {perMinuteUsd}（上限 {limitUsd}）', '每分钟 {perMinuteUsd}'],
    ],
    lines: [
      [
        ['按每分钟 {perMinuteUsd} 计，预算将在 {toCapMs}后用尽。', '项目每分钟花费 {perMinuteUsd}，超过上限 {limitUsd}。', '每分钟花费 {perMinuteUsd}，速度过快。', '按当前速度，预算将在 {toCapMs}后用尽。', '花费速度远高于应有水平。'],
        ['通常为每分钟 {usualPerMinuteUsd}。'],
      ],
      [['本{period}目前已花费 {spentUsd}，预算 {amountUsd}；最近五分钟调用 {calls, number} 次。', '最近 {windowMs}内已花费 {spentUsd}，预算 {amountUsd}；最近五分钟调用 {calls, number} 次。', '最近五分钟调用 {calls, number} 次。']],
      [unpriced],
      [sampled],
    ],
    short: [
      ['预算 {budget}（{scope}）{toCapMs}后用尽', '预算 {budget} {toCapMs}后用尽', '预算 {budget} 花费过快', '花费过快'],
      ['每分钟 {perMinuteUsd}，通常 {usualPerMinuteUsd}', '每分钟 {perMinuteUsd}（上限 {limitUsd}）', '每分钟 {perMinuteUsd}'],
    ],
  },
  'model.price-unknown': {
    subject: [
      ['{modelsMax, plural, other {今天有超过 # 个模型价格未知}}', '价格未知：{provider} {model}', '价格未知：{model}', '有模型价格未知'],
      '{who}',
    ],
    lines: [
      [
        '会话和预算均未计入其费用。',
        ['{noTokens, select, other {调用没有给出令牌数：请上报令牌数或费用。}}', '{noPrice, select, other {请在配置的 prices 中给出其价格。}}', '请在配置的 prices 中给出这些模型的价格。'],
      ],
    ],
    short: [['{modelsMax, plural, other {今天有超过 # 个模型价格未知}}', '价格未知：{provider} {model}', '价格未知：{model}', '有模型价格未知'], '未计入预算', '{who}'],
  },
  'model.cache-collapsed': {
    subject: [
      ['缓存命中率骤降：{provider} {model}', '缓存命中率骤降：{model}', '缓存命中率骤降'],
      ['{percent}，通常 {usualPercent}', '{percent}'],
      '{who}',
    ],
    lines: [
      [
        ['最近 {windowMs}内有 {percent} 的输入来自缓存，通常为 {usualPercent}。', '有 {percent} 的输入来自缓存，通常为 {usualPercent}。', '来自缓存的输入远少于平时。'],
        ['因此比平时多花费 {extraUsd}。'],
      ],
      ['常见原因是提示词开头有变化：时间、标识，或工具的顺序不同。'],
    ],
    short: [['{model} 缓存命中率骤降', '缓存命中率骤降'], ['{percent}，通常 {usualPercent}', '{percent}'], ['多花费 {extraUsd}'], '{who}'],
  },
} satisfies Partial<Record<MessageId, MessageWords>>
