import { z } from 'zod'
import { ownAuthority } from './own-authority.ts'
import { networkProblem, networksOf } from './addresses.ts'
import { urlProblem, type TargetRules, type Trust } from './target.ts'

/*
 * How a channel uses this folder, whole:
 *
 *   const settings = z.strictObject({ url: urlSetting().meta({ label: { en: 'Address', 'zh-CN': '地址' }, secret: true }), ...userSuppliedSettings }).superRefine(urlRule('user-supplied', 'url'))
 *   create: (own, name) => new Hook(own, openTransport(own, name, 'user-supplied'))
 *   const result = await callHttp({ method: 'POST', url: new URL(own.url), headers, body, via: this.#transport }, tools)
 *   return withoutSecrets(httpOutcome(result, verdictOf), secrets)
 *
 * A channel of a known provider takes `providerSettings` and 'provider' instead, and checks `apiBase` in the same way. An
 * address that comes with a message (Web Push) is asked about by `urlProblem` before it becomes a URL.
 */

/** How a channel calls: whom it trusts and what it may reach. Made once by `openTransport`, handed to each `callHttp`. */
export interface Transport extends TargetRules {
  /** Trusted instead of the machine's certificate authorities, PEM. */
  readonly ca?: string
}

/** Settings of every channel that calls by HTTP, to be spread into its own at their end. */
export const providerSettings = {
  allowInsecure: z.boolean().default(false).meta({ label: { en: 'Allow plain HTTP to this machine', 'zh-CN': '允许以明文 HTTP 连接本机' } }),
  ca: z.string().min(1).optional().meta({ label: { en: 'Own certificate authority', 'zh-CN': '自有证书颁发机构' }, mayBeFile: true, hint: { en: 'PEM text or a file; trusted instead of the known ones', 'zh-CN': 'PEM 文本或文件；取代系统信任的颁发机构' } }),
}

/** The same for a channel whose address others may choose (`trust: 'user-supplied'`). */
export const userSuppliedSettings = {
  ...providerSettings,
  allowNetworks: networkList().default([])
    .meta({ label: { en: 'Allowed private networks', 'zh-CN': '允许的内网网段' }, hint: { en: 'such as `["10.0.0.0/8", "fd00::/8"]`; without them only public addresses are called', 'zh-CN': '例如 `["10.0.0.0/8", "fd00::/8"]`；不填则只访问公网地址' } }),
}

/** Networks by which other addresses than public ones may be reached. */
export function networkList() {
  return z.array(z.string().superRefine((text, context) => report(networkProblem(text), context))).max(100)
}

/**
 * A setting that is an address to call. Whether it may be called depends on other settings too: `urlRule` on the whole
 * object says so.
 *
 * @example
 * const settings = z
 *   .strictObject({ url: urlSetting().meta({ label: { en: 'Address', 'zh-CN': '地址' }, secret: true }), ...userSuppliedSettings })
 *   .superRefine(urlRule('user-supplied', 'url'))
 */
export function urlSetting(): z.ZodString {
  return z.string().max(urlCharsMax)
}

const urlCharsMax = 2_000

interface TransportSettings {
  readonly allowInsecure: boolean
  readonly ca?: string | undefined
  readonly allowNetworks?: readonly string[]
}

/**
 * For `superRefine` on the settings of a channel: each named setting must be an address that may be called, as far as that
 * can be told without the network. What its name stands for is looked at with each call.
 *
 * @param names of settings made by `urlSetting`; one that is left out is passed over
 */
export function urlRule<Name extends string>(trust: Trust, ...names: readonly Name[]): (own: TransportSettings & Readonly<Partial<Record<Name, string | undefined>>>, context: z.RefinementCtx) => void {
  return (own, context) => {
    const rules = rulesOf(own, trust)
    for (const name of names) {
      const text = own[name]
      if (text !== undefined) report(urlProblem(text, rules)?.detail, context, name)
    }
  }
}

/**
 * What `callHttp` needs of a channel's settings.
 *
 * @param channel name in the configuration, for the error
 * @throws TocsinError `config-invalid` where `ca` cannot be read
 * @example
 * create: (own, name) => new Webhook(own, openTransport(own, name, 'user-supplied'))
 */
export function openTransport(own: TransportSettings, channel: string, trust: Trust): Transport {
  const ca = ownAuthority(own.ca, channel)
  return { ...rulesOf(own, trust), ...(ca === undefined ? {} : { ca }) }
}

/** What may be called by these settings. */
export function rulesOf({ allowInsecure, allowNetworks = [] }: TransportSettings, trust: Trust): TargetRules {
  return { trust, allowInsecure, networks: networksOf(allowNetworks) }
}

function report(problem: string | undefined, context: z.RefinementCtx, ...path: readonly string[]): void {
  // Without `continue`, so that rules on the whole see no settings that are wrong in themselves.
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem, path: [...path], continue: false })
}
