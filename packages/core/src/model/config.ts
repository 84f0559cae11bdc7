import { domainToASCII } from 'node:url'
import { z } from 'zod'
import { alertKinds } from './alert.ts'
import { flapping, limits, maintenance, preference, report, rotation, route, silence, storm, team } from './attention-config.ts'
import { durationBetween, expression, name, timezone } from './config-words.ts'
import { heartbeat, selfTest } from './own-health-config.ts'
import { redactionSchema } from './redaction-config.ts'
import { roles } from './roles.ts'
import { absenceRule, anomalyRule, ruleLinks, thresholdRule } from './rule-config.ts'
import { severities } from './severity.ts'
import { source } from './source-config.ts'
import { templateCharsMax, templateForms, templateNames, type TemplateForm, type TemplateSource } from './template.ts'

/** Any language: one that there is not is answered in the nearest, see `locales/catalogue.ts`. */
const locale = z.string().min(2).max(35).refine(isLocale, { error: (issue) => `expected a language such as en, zh-CN or pt-BR (BCP 47), found "${String(issue.input)}"` })

const channel = z.looseObject({
  type: z.string(),
  /** Narrower than the type's own limit: sends in flight at once; a critical one may be added to them. */
  concurrency: z.int().min(1).max(100).optional(),
  /** Narrower than the type's own limit, such as `10/1s`. */
  rate: z
    .string()
    .regex(/^[1-9]\d{0,5}\/[1-9]\d{0,5}(ms|s|m|h|d)$/, 'expected a rate such as 10/1s or 100/1h')
    .optional(),
})

const subscription = z.strictObject({
  endpoint: z.url({ protocol: /^https?$/ }).max(2_000),
  expirationTime: z.number().nullish(),
  keys: z.strictObject({
    p256dh: z.string().regex(/^[\w-]{86,88}=*$/, 'expected a public key of P-256 in base64url'),
    auth: z.string().regex(/^[\w-]{22,24}=*$/, 'expected 16 bytes in base64url'),
  }),
})

const devicesMax = 10

/** One or a list of them. */
function severalOf<Schema extends z.ZodType>(one: Schema) {
  return z.union([one.transform((only): z.output<Schema>[] => [only]), z.array(one).min(1).max(devicesMax)])
}

const person = z.strictObject({
  role: z.enum(roles),
  email: z.string().max(254).refine(isMailAddress, { error: 'expected an e-mail address such as dana@example.com' }).optional(),
  phone: z
    .string()
    .regex(/^\+[1-9]\d{6,14}$/, 'expected an international number such as +8613800000000 (E.164)')
    .optional(),
  /** Member id in Slack, for direct messages by a bot. */
  slack: z.string().regex(/^[UW][A-Z0-9]{5,20}$/, 'expected the member id of Slack such as U024BE7LH').optional(),
  /** Chat with a bot of Telegram: its number, or `@name` of a channel. */
  telegram: z.union([z.int().transform(String), z.string().regex(/^(-?[1-9]\d{0,19}|@[A-Za-z]\w{3,31})$/, 'expected the number of a chat such as 123456789, or @name')]).optional(),
  /** Registration tokens of Firebase, one for each device. */
  push: severalOf(z.string().regex(/^[\w:-]{20,4096}$/, 'expected a registration token of Firebase')).optional(),
  /** Subscriptions of browsers, as `PushSubscription.toJSON()` gives them, one for each browser. */
  webPush: severalOf(subscription).optional(),
  locale: locale.optional(),
  timezone: timezone.optional(),
  /** Local times between which only critical alerts are told, such as `22:00-07:00`. */
  quietHours: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, 'expected hours such as 22:00-07:00')
    .optional(),
  /** Projects whose alerts they may be told. @default all */
  projects: z.array(name).min(1).max(1_000).optional(),
  preferences: z.array(preference).max(100).default([]),
})

const ruleSwitch = z.literal(false)

const matchRule = z.strictObject({
  on: z.string().min(1).max(100),
  /** `false` switches it off: it hears nothing. */
  enabled: z.boolean().default(true),
  when: expression.optional(),
  kind: z.enum(alertKinds).optional(),
  severity: z.enum(severities).default('warning'),
  /** Names of the event view; one alert is open for each combination of their values. `id`: one for each event. */
  groupBy: z.array(z.string().max(200)).max(8).default([]),
  /** The alert ends when nothing matched for so long. */
  quiet: durationBetween('1s', '30d').default(600_000),
  /** Groups that are told apart at a time; further ones are one, named `other`, and the admins hear of it. */
  groupsMax: z.int().min(1).max(10_000).default(1_000),
  ...ruleLinks,
})

/** What built-in rules can be given besides severity; each takes some of these, see `docs/rules.md`. */
const builtInSettings = {
  /** A price above which it fires. */
  aboveUsd: z.number().positive().optional(),
  /** How long something lasts before it fires. */
  after: durationBetween('1s', '30d').optional(),
  /** The time over which it counts. */
  window: durationBetween('1s', '7d').optional(),
  /** How many make it fire. */
  count: z.int().min(1).max(1_000_000).optional(),
  /** Which share of all makes it fire. */
  share: z.number().min(0).max(1).optional(),
}
export type BuiltInSettingName = keyof typeof builtInSettings
// Reason for the cast: these are its keys.
export const builtInSettingNames = Object.keys(builtInSettings) as readonly BuiltInSettingName[]

/** Settings of a built-in rule, instead of switching it off. */
const builtInRule = z.strictObject({
  severity: z.enum(severities).optional(),
  ...builtInSettings,
  /** `true` switches on a rule that is off unless asked for. */
  on: z.literal(true).optional(),
  ...ruleLinks,
})

/** A text, or a file beside the configuration, which is read with it. */
const template = z.union([
  z.string().min(1).max(templateCharsMax).transform((text): TemplateSource => ({ text })),
  z.strictObject({ file: z.string().min(1).max(1_000) }).transform(({ file }): TemplateSource => ({ text: '', file })),
])

const templatesOfMessage = z.strictObject(Object.fromEntries(templateForms.map((form) => [form, template.optional()])) as Record<TemplateForm, z.ZodOptional<typeof template>>) // made of all its keys

const templateName = z.string().refine((text) => templateNames.some((known) => known === text), { error: `expected a message, one of ${templateNames.join(', ')}` })

/** Sums are exact whole nano-dollars up to 2^53 and stay there: a threshold beyond would never be crossed. */
const crossableUsdMax = 9_000_000

const budget = z.strictObject({
  amountUsd: z.number().positive(),
  /** A calendar period. Absent, and without `rolling`: a day. */
  period: z.enum(['hour', 'day', 'week', 'month']).optional(),
  /** In place of a period: the time that lies behind, whenever one looks. */
  rolling: durationBetween('5m', '31d').optional(),
  timezone: timezone.optional(),
  where: expression.optional(),
  groupBy: z.array(z.string().max(200)).max(4).default([]),
  /** Groups with a sum of their own in one period; further ones share the sum `other`. */
  groupsMax: z.int().min(1).max(100_000).default(1_000),
  thresholds: z.array(z.number().positive().max(100)).min(1).max(20).default([0.5, 0.8, 0.95, 1]),
  /** Whether it is told that the amount will not last, see the rule `budget-forecast`. */
  forecast: z.boolean().default(true),
}).superRefine(({ amountUsd, thresholds, period, rolling }, context) => {
  if (period !== undefined && rolling !== undefined) context.addIssue({ code: 'custom', path: ['rolling'], message: 'expected a period or a rolling window, found both' })
  const highestUsd = amountUsd * Math.max(...thresholds)
  if (highestUsd <= crossableUsdMax) return
  const message = `expected an amount whose highest threshold is at most ${crossableUsdMax} (nine million dollars), found ${amountUsd} with a threshold of ${Math.max(...thresholds)}`
  context.addIssue({ code: 'custom', path: ['amountUsd'], message })
})

const usdPerMtok = z.number().min(0).max(1_000_000)

/** Own prices, or a discount on the bundled ones. */
const price = z.strictObject({
  inputUsd: usdPerMtok.optional(),
  outputUsd: usdPerMtok.optional(),
  cacheReadUsd: usdPerMtok.optional(),
  cacheWriteUsd: usdPerMtok.optional(),
  /** Share that is taken off the bundled price: 0.15 is 15 %. */
  discount: z.number().min(0).max(1).optional(),
}).superRefine((given, context) => {
  const isPriced = Object.entries(given).some(([key, value]) => key !== 'discount' && value !== undefined)
  const say = (key: string, message: string): void => context.addIssue({ code: 'custom', path: [key], message })
  if (given.discount !== undefined && isPriced) return say('discount', 'expected own prices or a discount on the bundled ones, found both')
  if (given.discount !== undefined) return
  for (const key of ['inputUsd', 'outputUsd'] as const) if (given[key] === undefined) say(key, 'expected dollars for a million tokens, or a discount alone, found none')
})

const pricedName = z.string().min(1).max(200).regex(/^(?:[^*]+|[^*/]+\/\*|\*)$/, 'expected a model, provider/model, provider/* or *')

const kept = durationBetween('1h', '3650d')

/**
 * The configuration: one schema for `tocsin.yaml` and for the object in code. Reading files, `${NAME}`, channel
 * settings and the syntax of conditions are checked by `load-config.ts`, which puts file, line and path on each error.
 */
export const configSchema = z.strictObject({
  project: name.default('default'),
  /** For links in messages; without it messages carry none. */
  publicUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** Where a trace can be looked at, with `{traceId}` in it. */
  traceUrl: z
    .string()
    .max(2_000)
    .refine((text) => text.includes('{traceId}') && /^https?:\/\//.test(text) && URL.canParse(text.replaceAll('{traceId}', '0af7651916cd43dd8448eb211c80319c')), {
      error: 'expected an address with {traceId} in it, such as https://langfuse.example.com/trace/{traceId}',
    })
    .optional(),
  defaults: z
    .strictObject({ locale: locale.default('en'), timezone: timezone.default('UTC'), environment: z.string().max(200).optional() })
    .prefault({}),
  channels: z.record(name, channel).default({}),
  people: z.record(name, person).default({}),
  rules: z.record(name, z.union([ruleSwitch, thresholdRule, absenceRule, anomalyRule, matchRule, builtInRule])).default({}),
  budgets: z.record(name, budget).default({}),
  routes: z.array(route).max(1_000).optional(),
  teams: z.record(name, team).default({}),
  rotations: z.record(name, rotation).default({}),
  silences: z.array(silence).max(1_000).default([]),
  maintenance: z.array(maintenance).max(100).default([]),
  limits: limits.prefault({}),
  storm: storm.prefault({}),
  flapping: flapping.prefault({}),
  reports: z.array(report).max(20).default([]),
  /** Programs that tell the server by webhooks what they noticed; see `model/source-config.ts`. */
  sources: z.record(name, source).default({}),
  /** What the server calls while all is well, and what it tries once a day; see `model/own-health-config.ts`. */
  heartbeat: heartbeat.optional(),
  selfTest: selfTest.optional(),
  /** Everything is held and nothing sent, until it is `false` again. Nothing is lost and nothing too old by it. */
  pause: z.boolean().default(false),
  /** In continuous integration (`CI` is set): messages are shown on the console, or sent as anywhere else. */
  ci: z.enum(['console', 'send']).default('console'),
  /** Everything is decided and recorded, and nothing sent. */
  dryRun: z.boolean().default(false),
  /** Own prices in USD for a million tokens, or discounts: `provider/model`, model, `provider/*` or `*`; the most particular holds. */
  prices: z.record(pricedName, price).default({}),
  /** Texts of one's own, by message (or `*`) and form. */
  templates: z.record(templateName, templatesOfMessage).default({}),
  store: z
    .strictObject({
      /** `full` keeps personal data in content; secrets are destroyed all the same. */
      content: z.enum(['redacted', 'full']).default('redacted'),
      /** `normal` is 8 % faster and may lose acknowledged events in a power cut. */
      durability: z.enum(['full', 'normal']).default('full'),
    })
    .prefault({}),
  /** What stays though it was found, and what is taken out beside what the product knows. */
  redaction: redactionSchema,
  retention: z
    .strictObject({
      /** What was reported: events and what is in them; how sessions ended and failed. Older events are refused. */
      content: kept.default(14 * 86_400_000),
      /** What was sent, to whom and when, and what alerts say. */
      bodies: kept.default(30 * 86_400_000),
      /** Why somebody was or was not told, alerts, and the sums of sessions and budgets. */
      decisions: kept.default(90 * 86_400_000),
      /** Of a server: who changed what. That of the configuration file holds for all projects. */
      audit: kept.default(400 * 86_400_000),
    })
    .prefault({}),
  detection: z
    .strictObject({
      /** So long a failure of a provider waits to see whether others fail of it too, so that one outage is told and not each of its victims. `0s`: it does not. */
      wait: durationBetween('0s', '5m').default(5_000),
    })
    .prefault({}),
  sessions: z
    .strictObject({
      /** A session from which nothing was heard for so long has ended without a word, until something is heard again. */
      idle: durationBetween('1m', '7d').default(30 * 60_000),
    })
    .prefault({}),
  delivery: z
    .strictObject({
      /** Informational news to one person and channel is collected so long … */
      batchMs: z.int().min(0).max(3_600_000).default(30_000),
      /** … or until there are so many. */
      batchMax: z.int().min(1).max(1_000).default(100),
      /** How long a claimed delivery may take before another process may take it over. */
      leaseMs: z.int().min(1_000).max(600_000).default(60_000),
      /** First and longest wait of the exponential back-off with full jitter. */
      retryMs: z.int().min(10).max(3_600_000).default(2_000),
      retryMaxMs: z.int().min(10).max(86_400_000).default(900_000),
      /** Attempts before a delivery fails for good. */
      attemptsMax: z.int().min(1).max(12).default(12),
      /** How long a channel with wrong settings, or one that fails, is left alone before it is tried again; doubled up to an hour while it fails. */
      pauseMs: z.int().min(1_000).max(86_400_000).default(300_000),
      /** A channel that only fails is paused when it has failed for so long. */
      unhealthyMs: z.int().min(1_000).max(86_400_000).default(300_000),
    })
    .prefault({}),
})

/** What people write. */
export type ConfigInput = z.input<typeof configSchema>
/** What the engine reads: defaults filled in, durations in milliseconds. */
export type Config = z.output<typeof configSchema>
export type PersonConfig = Config['people'][string]
export type BudgetConfig = Config['budgets'][string]
export type MatchRuleConfig = z.output<typeof matchRule>
export type BuiltInRuleConfig = z.output<typeof builtInRule>
export type ChannelConfig = Config['channels'][string]

/** Its domain in any script; the mailbox in ASCII, because other ones do not arrive everywhere. */
function isMailAddress(text: string): boolean {
  const at = text.lastIndexOf('@')
  return /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/.test(domainToASCII(text.slice(at + 1))) && z.email().safeParse(`${text.slice(0, at)}@example.com`).success
}

function isLocale(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1
  } catch (noTag) {
    if (noTag instanceof RangeError) return false
    throw noTag
  }
}
