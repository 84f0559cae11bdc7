import { writeFileSync } from 'node:fs'
import { aboutType } from '../channels/setting-fields.ts'
import { parseConfig } from '../load-config.ts'
import { errorText, TocsinError } from '../model/error.ts'
import { openQuestions } from './init-questions.ts'
import type { Report } from './report.ts'
import { audiences, type Audience } from '../starters.ts'
import { starterChannels, starterFile, type StarterAnswers } from './starter-file.ts'

export interface InitOptions {
  readonly config: string
  readonly for?: string
  readonly channel?: string
  readonly email?: string
  readonly phone?: string
  readonly budget?: string
  readonly quietHours?: string
}

interface Terminal {
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
  readonly locale: 'en' | 'zh-CN'
}

/** Writes a first configuration. Asks where it is told nothing; never overwrites. */
export async function init(options: InitOptions, env: NodeJS.ProcessEnv, terminal: Terminal): Promise<Report> {
  const { locale } = terminal
  const isTold = [options.for, options.channel, options.email, options.phone, options.budget, options.quietHours].some((value) => value !== undefined)
  const given = isTold ? options : { ...options, ...(await askAll(terminal)) }
  const { text, channel, variables } = starterFile(checked(given, locale))
  try {
    writeFileSync(options.config, text, { flag: 'wx' })
  } catch (unwritten) {
    const isThere = unwritten instanceof Error && 'code' in unwritten && unwritten.code === 'EEXIST'
    if (isThere) throw new TocsinError('wrong-usage', `${options.config} is there already and stays as it is; write to another file: --config FILE`)
    throw new TocsinError('config-invalid', `${options.config} cannot be written: ${errorText(unwritten)}`, { cause: unwritten })
  }
  const missing = variables.filter((name) => (env[name] ?? '') === '')
  const next = `npx tocsin test-channel ${channel}${options.config === 'tocsin.yaml' ? '' : ` --config ${options.config}`}`
  const words = copy[locale]
  return { lines: [words.wrote(options.config), ...(missing.length === 0 ? [] : [words.missing(missing.join(', '))]), words.next(next)], value: { file: options.config, missing, next }, ok: true }
}

/** Answers that make a right configuration. */
function checked(options: InitOptions, locale: 'en' | 'zh-CN'): StarterAnswers {
  const audience = audiences.find((known): known is Audience => known === (options.for ?? 'me'))
  if (audience === undefined) throw new TocsinError('wrong-usage', `--for: expected one of ${audiences.join(', ')}, found "${options.for}"`)
  const channelType = options.channel ?? (options.email === undefined ? 'inbox' : 'email')
  const type = starterChannels().get(channelType)
  if (type === undefined) throw new TocsinError('wrong-usage', `--channel: expected one of ${[...starterChannels().keys()].join(', ')}, found "${channelType}"`)
  if ((type.address === 'email' || type.address === 'phone') && options[type.address] === undefined) throw new TocsinError('wrong-usage', `--${type.address}: needed by the channel ${channelType}`)
  const { email, phone, quietHours } = options
  const budgetUsd = options.budget === undefined ? undefined : Number(options.budget)
  try {
    parseConfig({ people: { me: { role: 'owner', email, phone, quietHours } }, ...(budgetUsd === undefined ? {} : { budgets: { month: { amountUsd: budgetUsd } } }) }, { env: {} })
  } catch (wrong) {
    throw wrong instanceof TocsinError ? new TocsinError('wrong-usage', wrong.message, { cause: wrong }) : wrong
  }
  const { timeZone: timezone } = Intl.DateTimeFormat().resolvedOptions()
  return {
    audience, channelType, locale, timezone,
    ...(email === undefined ? {} : { email }), ...(phone === undefined ? {} : { phone }),
    ...(budgetUsd === undefined ? {} : { budgetUsd }), ...(quietHours === undefined ? {} : { quietHours }),
  }
}

async function askAll({ input, output, locale }: Terminal): Promise<Omit<InitOptions, 'config'>> {
  const words = copy[locale]
  const questions = openQuestions(input, output)
  try {
    const audience = await questions.choose(words.who, audiences.map((value) => ({ value, label: words.audiences[value] })))
    const types = [...starterChannels().values()].toSorted((a, b) => Number(b.address === 'none') - Number(a.address === 'none'))
    const channel = await questions.choose(words.how, types.map((type) => ({ value: type.type, label: aboutType(type, locale).title })))
    const address = starterChannels().get(channel)?.address
    const email = address === 'email' ? await questions.ask(words.email) : undefined
    const phone = address === 'phone' ? await questions.ask(words.phone) : undefined
    const budget = await questions.ask(words.budget)
    const quietHours = await questions.ask(words.quietHours)
    return { for: audience, channel, ...(email && { email }), ...(phone && { phone }), ...(budget && { budget }), ...(quietHours && { quietHours }) }
  } finally {
    questions.close()
  }
}

const copy = {
  en: {
    who: 'Who hears about problems?',
    audiences: { me: 'Just me', team: 'A team', 'on-call': 'A team on call' },
    how: 'How?',
    email: 'Your e-mail',
    phone: 'Your phone, such as +14155550101',
    budget: 'Monthly budget in USD (Enter: none)',
    quietHours: 'Quiet hours, such as 22:00-07:00 (Enter: none)',
    wrote: (file: string) => `Wrote ${file}. Look it over: senders in it are examples.`,
    missing: (names: string) => `Missing in the environment: ${names}`,
    next: (command: string) => `Next: ${command}`,
  },
  'zh-CN': {
    who: '出问题通知谁？',
    audiences: { me: '仅自己', team: '团队', 'on-call': '值班团队' },
    how: '通知方式？',
    email: '你的邮箱',
    phone: '你的手机号，例如 +8613800000000',
    budget: '每月预算（美元，回车跳过）',
    quietHours: '免打扰时段，例如 22:00-07:00（回车跳过）',
    wrote: (file: string) => `已写入 ${file}。请检查：其中的发件人仅为示例。`,
    missing: (names: string) => `环境变量缺少：${names}`,
    next: (command: string) => `下一步：${command}`,
  },
} as const
