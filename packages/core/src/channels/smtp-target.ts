import { isIPv6 } from 'node:net'
import type { SendTools } from '../model/channel.ts'
import type { SmtpResult, SmtpServer } from './smtp-result.ts'
import { allowedAddresses, systemResolve } from './transport/resolve.ts'
import { targetProblem, type Refusal, type TargetRules } from './transport/target.ts'

/** Why a mail server is not called, as far as it can be told without asking for its name. */
export function smtpTargetProblem(host: string, rules: TargetRules): Refusal | undefined {
  return targetProblem(addressOf(host), rules)
}

/** Where the connection goes: the name itself, or the addresses behind it, where others may have chosen it and they were checked. */
export async function smtpAddresses({ host, allowInsecure, networks }: SmtpServer, { signal, resolve = systemResolve }: Pick<SendTools, 'signal' | 'resolve'>): Promise<SmtpResult<readonly string[]>> {
  if (networks === undefined) return { ok: true, value: [host] }
  const rules: TargetRules = { trust: 'user-supplied', allowInsecure, networks }
  const problem = smtpTargetProblem(host, rules)
  if (problem !== undefined) return refused(problem)
  const found = await allowedAddresses(addressOf(host), rules, resolve, signal)
  if (found.kind === 'refused') return refused(found.refusal)
  if (found.kind === 'unknown') return { ok: false, failure: { code: 'EDNS', causeCode: found.code, text: 'the name of the server cannot be resolved', bodyOut: false } }
  return { ok: true, value: found.addresses }
}

/** The rules are those of HTTP, which speak of a URL: of mail its host alone. */
function addressOf(host: string): URL {
  return new URL(`https://${isIPv6(host) ? `[${host}]` : host}/`)
}

function refused({ code, detail }: Refusal): SmtpResult<never> {
  return { ok: false, failure: { code: 'EREFUSED', causeCode: code, text: detail, bodyOut: false } }
}
