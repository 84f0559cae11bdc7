import { channelTypes, refusalsInChinese, refusedSettingsInChinese, rewording, type Sentences } from 'tocsin/engine'
import { kinds, type KindName } from '../projects/kinds.ts'

/** What is refused by the server itself, in Chinese, by its English: `{name}` stands for anything, `{problem}` for another such sentence. */
export const serversOwn = {
  'expected a rule or a definition': '应填写 rule 或 definition',
  'expected a duration of at most 90d such as 12h or 7d, found "{found}"': '应为最长 90d 的时长，例如 12h 或 7d，实际为 "{found}"',
  'expected the id of an alert, such as alt_51': '应为告警编号，例如 alt_51',
  'expected an alert such as alt_51': '应为告警编号，例如 alt_51',
  'expected the id of a delivery, such as dlv_12': '应为投递编号，例如 dlv_12',
  'expected the number of a silence': '应为静默的编号',
  'expected the number of a change': '应为更改的编号',
  'expected an alert, or the id of one: exactly one of the two': '应填写告警或其编号，两者选其一',
  'expected a message, a rule or an alert: exactly one of the three': '应填写消息、规则或告警，三者选其一',
  'expected a channel or a channelType: exactly one of the two': '应填写 channel 或 channelType，两者选其一',
  'expected something to change': '应有所更改',
  'expected an address': '应为地址',
  'expected the six digits of the code': '应为六位数字的验证码',
  'expected HOST:NAME, as the start of its sessions says them in detail.host and detail.process': '应为“主机:名称”，即其会话开始时在 detail.host 和 detail.process 中所写的内容',
  'expected an end in the future and after the beginning, found {time}': '结束时间应在将来，且晚于开始时间，实际为 {time}',
  'expected a time before until, at most {days} days': '应早于 until，最多相隔 {days} 天',
  'expected each of these once: {names}; those of the file stay before them': '以下各项应各出现一次：{names}；配置文件中的仍排在它们之前',
  'expected at most {limit} things made by the API in a project': '一个项目中由 API 创建的条目应最多 {limit} 个',
  'expected no {name}': '不应有 {name}',
  'expected the secret: there is none yet that could stay': '应填写密钥：尚无可保留的密钥',
  'expected the secret anew, because {names} changed: it would be sent to where it was not before': '应重新填写密钥，因为 {names} 已更改：它会被发往以前没有发过的地方',
  'expected the text itself; the path of a file is taken in the configuration file only': '应填写内容本身；文件路径只能用在配置文件中',
  'expected a template': '应为模板',
  'only an owner of the installation, or a key of all projects, sets what reaches other than public addresses': '只有安装的所有者或所有项目的密钥，才能设置公网以外的地址',
  'is over': '已过期',
  'not of this list': '不属于此列表',
  'not a time zone that is known here': '不是可识别的时区',
  'not the code that was sent': '不是所发送的验证码',
  'not as expected': '与预期不符',
  'cannot be read': '无法读取',
  'there is no type "{type}"': '没有类型“{type}”',
  'there is no rule and no budget "{name}"': '没有名为“{name}”的规则或预算',
  'there is no channel "{name}"': '没有名为“{name}”的渠道',
  'there is no person "{name}"': '没有名为“{name}”的人员',
  'Expected a time to come.': '应为将来的时间。',
  'Expected a time zone such as Europe/Berlin.': '应为时区，例如 Asia/Shanghai。',
  'Expected at most {limit} levels.': '应最多 {limit} 层。',
  'Expected a name of its own for a route of project {project}: "{name}" is what a route without a name is called in the file.': '项目 {project} 的路由应另取名称：“{name}”是配置文件中未命名路由的叫法。',
  'There are routes already ({names}): what comes after them might never be asked. Change those, or take them away first.': '已有路由（{names}）：排在其后的路由可能永远用不到。请修改它们，或先将其删除。',
  'The project has no channel for e-mail.': '此项目没有邮件渠道。',
  'There is no channel "{name}".': '没有名为“{name}”的渠道。',
  'The code could not be sent by channel "{name}": {detail}. Look at the address; an admin tries the channel with "send test".': '渠道“{name}”：{detail}。',
  'retry: {detail}': '暂时无法发送：{detail}',
  'bad-address: {detail}': '地址无效：{detail}',
  'bad-content: {detail}': '内容无法发送：{detail}',
  'bad-config: {detail}': '渠道设置有误：{detail}',
  'You are "{name}" of the configuration file, which is read-only here. Whoever runs the server changes people.{person} in it, and tells the server: SIGHUP.': '你是配置文件中的“{name}”，此处只读。请由服务器运维人员修改其中的 people.{person}，并向服务器发送 SIGHUP。',
  'This project has no channel for browsers. An admin makes a pair of keys (npx tocsin vapid) and adds a channel of the type web-push.': '此项目没有浏览器渠道。请由管理员生成一对密钥（npx tocsin vapid），并添加 web-push 类型的渠道。',
  'No channel of this project sends to e-mail addresses (email). An admin adds one under channels; then come back here.': '此项目没有可发邮件的渠道（email）。请由管理员在“渠道”中添加，然后再回到此处。',
  'No channel of this project sends to telephone numbers (sms). An admin adds one under channels; then come back here.': '此项目没有可发短信的渠道（sms）。请由管理员在“渠道”中添加，然后再回到此处。',
  'No channel of this project sends to people in Slack (slack with a bot token). An admin adds one under channels; then come back here.': '此项目没有可向 Slack 成员发送的渠道（使用机器人令牌的 slack）。请由管理员在“渠道”中添加，然后再回到此处。',
  'No channel of this project sends to chats in Telegram (telegram). An admin adds one under channels; then come back here.': '此项目没有可向 Telegram 会话发送的渠道（telegram）。请由管理员在“渠道”中添加，然后再回到此处。',
  'There is nobody to tell. Add people first.': '没有可告知的人。请先添加人员。',
  'Everything that it would make is there already.': '它要创建的内容都已存在。',
} satisfies Sentences

const nouns: Readonly<Record<KindName, string>> = {
  channels: '渠道', people: '人员', rules: '规则', budgets: '预算', routes: '路由', teams: '团队', rotations: '轮值', templates: '模板', maintenance: '维护时段', reports: '报告计划', prices: '价格', sources: '来源', settings: '设置',
}

/** Where something else is named that does not fit, or the whole of it. */
const elsewhere: Sentences = Object.fromEntries(kinds.flatMap(({ name, noun }) => [
  [`${name} "{name}" at {pointer}: {problem}`, `${nouns[name]}“{name}”的 {pointer}：{problem}`],
  [`${name} "{name}": {problem}`, `${nouns[name]}“{name}”：{problem}`],
  [`Expected another name for a ${noun} than {name}.`, `${nouns[name]}不能命名为 {name}。`],
]))

const { sentences, ...others } = refusalsInChinese

const said = rewording({ sentences: [...sentences, serversOwn, elsewhere, ...[...channelTypes.values()].map(refusedSettingsInChinese)], ...others })

/** A sentence of ours in Chinese, or each of several lines, which may begin with its place. What has no Chinese stays as it is. */
export function inChinese(text: string): string {
  return text.split('\n').map(lineInChinese).join('\n')
}

function lineInChinese(line: string): string {
  const whole = said(line)
  // What was answered to a channel begins with the status.
  const status = whole === line ? /^\d{3} (?=\D)/.exec(line)?.[0] : undefined
  if (status !== undefined) return `${status}${said(line.slice(status.length))}`
  const place = whole === line ? /^(\S+(?: \S+)?): /.exec(line) : null
  if (place === null) return whole
  const rest = line.slice(place[0].length)
  const other = said(rest)
  return other === rest ? line : `${place[1] ?? ''}：${other}`
}
