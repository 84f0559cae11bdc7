import type { MessageId } from '../../model/message.ts'
import type { MessageWords } from '../shape.ts'
import { group, times } from './phrases.ts'

export const systemMessages = {
  'rule.matched': {
    subject: [['规则 {rule}：{who}', '规则 {rule}', '规则命中：{who}', '规则命中'], ['{model}', '{tool}'], '{costUsd}', times],
    lines: [[['规则命中 {who} 的 {type}。', '规则命中 {type}。']]],
    short: [['规则 {rule} 命中', '规则命中'], '{who}', ['{model}', '{tool}'], '{costUsd}', times],
  },
  'rule.threshold': {
    subject: [['规则 {rule}：{measured}', '规则 {rule}', '有指标越过阈值'], ['{below, select, other {低于 {bound}}}', '高于 {bound}'], ...group],
    lines: [
      [
        [
          '{below, select, other {{windowMs}内 {measure} 为 {measured}，低于 {bound}。}}', '{windowMs}内 {measure} 为 {measured}，高于 {bound}。',
          '{below, select, other {{windowMs}内 {measure} 已低于阈值。}}', '{windowMs}内 {measure} 已高于阈值。', '有指标已越过阈值。',
        ],
        '{again, select, other {情况仍在持续。}}',
      ],
      ['{flaps, plural, other {一小时内已触发 # 次：现保持打开，直到平静满 {calmMs}。}}'],
    ],
    short: [['规则 {rule}：{measured}', '规则 {rule}', '有指标越过阈值'], ['{below, select, other {低于 {bound}}}', '高于 {bound}'], ...group],
  },
  'rule.no-data': {
    subject: [['规则 {rule}：没有数据', '有规则没有数据'], ...group],
    lines: [[['{measure} 无法判断：{windowMs}内只有 {samples} 个样本，至少需要 {least} 个。', '{measure} 无法判断：{windowMs}内数据过少。', '数据过少，无法判断该指标。']]],
    short: [['规则 {rule}：没有数据', '有规则没有数据'], ...group],
  },
  'rule.anomaly': {
    subject: [['规则 {rule}：{measured}', '规则 {rule}：出现异常', '出现异常'], '通常 {wanted}', ...group],
    lines: [[['{measure} 在{windowMs}内为 {measured}，预期为 {wanted}。', '{measure} 超出通常范围。', '某项指标超出通常范围。'], '{again, select, other {情况仍在持续并加重。}}']],
    short: [['规则 {rule}：{measured}', '规则 {rule}：出现异常', '出现异常'], '通常 {wanted}', ...group],
  },
  'rule.absent': {
    subject: [['规则 {rule}：已 {silentMs}没有消息', '规则 {rule}：没有消息', '没有消息'], ...group],
    lines: [[['{after} 之后 {silentMs}内没有出现 {type}。', '已 {silentMs}没有出现 {type}。', '已 {silentMs}没有任何事件。'], '{again, select, other {情况仍在持续。}}']],
    short: [['规则 {rule}：已 {silentMs}没有消息', '规则 {rule}：没有消息', '没有消息'], ...group],
  },
  custom: {
    subject: [['{title}', '消息']],
    lines: [['{body}']],
    short: [['{title}：{body}', '{title}', '{body}', '消息']],
  },
  'system.channel-paused': {
    subject: [['渠道 {channel} 已暂停', '有渠道已暂停'], '{waiting, plural, =0 {} other {# 条待发}}'],
    lines: [[['Tocsin 已停止在此渠道发送，将于 {until} 重试。', 'Tocsin 已暂时停止在此渠道发送。'], '不会丢失：恢复后继续发送。']],
    short: [['渠道 {channel} 已暂停', '有渠道已暂停'], '{waiting, plural, =0 {} other {# 条待发}}'],
  },
  'system.address-bad': {
    subject: [['无法通过 {channel} 联系 {person}', '{person} 的一个地址无效', '{channel} 的一个地址无效', '有地址无效'], '{code}'],
    lines: [[['服务方拒收 {address}（{code}）。', '服务方拒收 {address}。', '服务方拒收该地址（{code}）。', '服务方拒收该地址。'], '一天之内不再使用，修改后即恢复使用。']],
    short: [['无法通过 {channel} 联系 {person}', '{person} 的一个地址无效', '{channel} 的一个地址无效', '有地址无效'], '{code}'],
  },
  'system.events-dropped': {
    subject: [['{count, plural, other {丢弃了 # 个事件}}', '丢弃了部分事件'], '{reason}', '{host}'],
    lines: [['记录的事件超过可接收的数量，最不紧急的已被舍弃。', '据此得出的计数与金额会偏低。']],
    short: [['{count, plural, other {丢弃了 # 个事件}}', '丢弃了部分事件'], '{reason}', '{host}'],
  },
  'system.rule-failed': {
    subject: [['规则 {rule} 无法求值', '有规则无法求值']],
    lines: [['其他规则照常运行；该规则在更正之前不会有任何发现。']],
    short: [['规则 {rule} 无法求值', '有规则无法求值']],
  },
  'system.groups-limited': {
    subject: [['规则 {rule} 的分组超过 {count, number} 个', '规则 {rule} 的分组过多', '有规则分组过多']],
    lines: [['其余分组合并计入名为 other 的一组。', '减少 groupBy 中的名称，或调高 groupsMax，可将其分开。']],
    short: [['规则 {rule} 的分组超过 {count, number} 个', '规则 {rule} 的分组过多', '有规则分组过多']],
  },
  'system.render-failed': {
    subject: [['{channel} 的一条消息无法生成', '有消息无法生成']],
    lines: [[['已改发 {message} 的简易形式。', '已改发简易形式。']]],
    short: [['{channel} 的一条消息无法生成', '有消息无法生成']],
  },
  'system.limit-reached': {
    subject: [['{channel} 已达发送上限', '已达发送上限'], '{count, plural, =0 {} other {# 条消息等待}}'],
    lines: [[['自 {sinceAt} 起待发消息超过此处允许的数量。', '待发消息超过此处允许的数量。'], '紧急告警保有其份额，其余在上限允许时发出。']],
    short: [['{channel} 已达发送上限', '已达发送上限'], '{count, plural, =0 {} other {# 条消息等待}}'],
  },
  'system.store-replaced': {
    subject: ['数据库已损坏并被替换'],
    lines: [[['损坏的文件保存在 {file}。', '损坏的文件已保留。'], '其中尚未发送的内容不会发送。']],
    short: ['数据库已损坏并被替换'],
  },
  'system.config-broken': {
    subject: ['配置无法使用'],
    lines: [[['{file} 中的更改未生效。', '更改未生效。'], '仍使用上一份正确的配置。']],
    short: [['配置无法使用：{cause}', '配置无法使用']],
  },
  'system.heartbeat-failed': {
    subject: [['发往 {host} 的心跳未能送达', '心跳未能送达']],
    lines: [[['最近 {count} 次调用失败。', '多次调用失败。'], 'Tocsin 本身工作正常，但等待心跳的一方会认为它已停止。']],
    short: [['发往 {host} 的心跳未能送达', '心跳未能送达']],
  },
  'system.self-test': {
    subject: [['{channel} 自检：一切正常', '自检：一切正常']],
    lines: [['此消息每天发送一次，与其他消息走同样的路径。收到即表示该渠道工作正常。']],
    short: [['{channel} 自检：一切正常', '自检：一切正常']],
  },
} satisfies Partial<Record<MessageId, MessageWords>>
