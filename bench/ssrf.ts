import { subscribe } from 'node:diagnostics_channel'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import { callHttp } from '../packages/core/src/channels/transport/http.ts'
import { allowedAddresses } from '../packages/core/src/channels/transport/resolve.ts'
import { bareHost } from '../packages/core/src/channels/transport/target.ts'
import { openTransport, urlRule, urlSetting, userSuppliedSettings } from '../packages/core/src/channels/transport/transport.ts'
import { systemClock } from '../packages/core/src/model/clock.ts'

/** The settings of a channel whose address others may choose, as every such channel has them. */
const settings = z.strictObject({ url: urlSetting(), ...userSuppliedSettings }).superRefine(urlRule('user-supplied', 'url'))
const transport = openTransport(settings.parse({ url: 'https://example.com/' }), 'yardstick', 'user-supplied')

/** What names stand for here: an attacker's name stands for what the attacker likes, so each is tried with all of these. */
const answers = [['127.0.0.1'], ['10.0.0.1'], ['169.254.169.254'], ['::1'], ['::ffff:127.0.0.1'], ['93.184.215.14', '127.0.0.1'], ['2606:2800:21f:cb07:6820:80da:af6b:8b2c', 'fd00::1']] as const

/** Addresses that people really enter, and the edges of what is refused. */
const ordinary = `
  hooks.slack.com/services/T0/B0/x discord.com/api/webhooks/1/x ntfy.sh/topic fcm.googleapis.com/wp/x updates.push.services.mozilla.com/wpush/v2/x
  web.push.apple.com/x prod-01.westeurope.logic.azure.com:443/workflows/x?sig=a%2Fb example.com:8443/ xn--fsq.example/ a.b.c.d.example.co.uk/
  my_host.example.com/ 10.example.com/ 127.0.0.1.example.com/ localhost.example.com/ 1.1.1.1/ 8.8.8.8:8443/ 9.255.255.255/ 11.0.0.0/ 100.63.255.255/
  100.128.0.0/ 128.0.0.1/ 169.253.0.1/ 169.255.0.1/ 172.15.0.1/ 172.32.0.1/ 192.0.1.1/ 192.167.0.1/ 192.169.0.1/ 198.17.0.1/ 198.20.0.1/ 203.0.112.1/
  203.0.114.1/ 223.255.255.255/ [2606:4700:4700::1111]/ [2001:4860:4860::8888]/ [2a00:1450:4001::1]/ [2400:cb00::1]/ [2001:200::1]/ [2003::1]/
  [2c0f:f248::1]/
`
  .trim()
  .split(/\s+/)
  .map((rest) => `https://${rest}`)
const publicAddresses = ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c']

/**
 * How many addresses of the list are refused without a connection, once as they stand and once with https in place of http,
 * so that it is seen what is refused for more than its scheme; and how many ordinary ones are refused wrongly.
 *
 * @param file lines of JSON with `url`, gzip
 */
export async function measureSsrf(file: string): Promise<string> {
  let sockets = 0
  subscribe('net.client.socket', () => (sockets += 1))
  const urls = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n').map((line) => z.object({ url: z.string() }).parse(JSON.parse(line)).url)
  let refused = 0
  let secure = 0
  for (const url of urls) {
    if (await isRefused(url)) refused += 1
    const rewritten = url.replace(/^http:/, 'https:')
    // A number of the internet, written plainly and with https, is what people may call: it is not tried.
    if (isPublicNumber(rewritten)) continue
    if (await isRefused(rewritten)) secure += 1
  }
  const wrongly = await Promise.all(ordinary.map(isWronglyRefused))
  return [
    `ssrf: ${refused} of ${urls.length} refused`,
    `${sockets} connections`,
    `with https in place of http ${secure} of ${urls.filter((url) => !isPublicNumber(url.replace(/^http:/, 'https:'))).length}`,
    `${wrongly.filter(Boolean).length} of ${ordinary.length} ordinary addresses refused wrongly`,
  ].join(', ')
}

/** Refused with the settings, or with each answer of a resolver when it is called. */
async function isRefused(text: string): Promise<boolean> {
  const parsed = settings.safeParse({ url: text })
  if (!parsed.success) return true
  const results = await Promise.all(
    answers.map((answer) => callHttp({ method: 'POST', url: new URL(parsed.data.url), headers: {}, body: '{}', via: transport }, { signal: new AbortController().signal, clock: systemClock, resolve: async () => answer })),
  )
  return results.every((result) => result.kind === 'failed' && result.cause === 'refused')
}

function isPublicNumber(text: string): boolean {
  return settings.safeParse({ url: text }).success && isIP(bareHost(new URL(text))) !== 0
}

/** Without calling it: somebody lives there. */
async function isWronglyRefused(text: string): Promise<boolean> {
  if (!settings.safeParse({ url: text }).success) return true
  const found = await allowedAddresses(new URL(text), transport, async () => publicAddresses, new AbortController().signal)
  return found.kind !== 'addresses'
}
