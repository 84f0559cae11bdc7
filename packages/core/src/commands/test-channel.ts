import { openChannels } from '../channels/registry.ts'
import { configurationFrom } from '../configuration.ts'
import { TocsinError } from '../model/error.ts'
import { shownAddress, withShownAddress } from '../model/shown-address.ts'
import { NotificationManager } from '../notification-manager.ts'
import { addressesOf } from '../routing/people.ts'
import type { Report } from './report.ts'

/** Sends one message by one channel, at once and once, and shows the conversation with the provider, without secrets. */
export async function testChannel(name: string, options: { readonly to?: string; readonly config: string }, env: NodeJS.ProcessEnv): Promise<Report> {
  const config = configurationFrom(options.config, [], env)
  const settings = config.channels[name]
  if (settings === undefined) throw new TocsinError('wrong-usage', `channel "${name}" is not in ${options.config}; it has ${Object.keys(config.channels).join(', ')}`)
  const kind = openChannels({ [name]: settings }).get(name)?.address ?? 'none'
  const addresses = options.to !== undefined ? [options.to] : kind === 'none' ? [''] : [...new Set(Object.values(config.people).flatMap((person) => addressesOf(person, kind)))]
  if (addresses.length === 0) throw new TocsinError('wrong-usage', `nobody in ${options.config} has an address for "${name}" (${kind}); name one: --to ADDRESS`)
  const manager = new NotificationManager({ channels: { [name]: settings }, content: 'full' })
  try {
    const results = []
    for (const to of addresses) {
      const { outcome, conversation } = await manager.test(name, to)
      results.push({ to: shownAddress(to), outcome, conversation: conversation.map((line) => ({ ...line, text: withShownAddress(line.text, to) })) })
    }
    return {
      lines: results.flatMap(({ to, outcome, conversation }) => [...conversation.map(({ from, text }) => `  ${from === 'us' ? '>' : '<'} ${text}`), `${to || name}: ${outcome.kind === 'sent' ? 'accepted by the server' : `${outcome.kind}${outcome.code === undefined ? '' : ` ${outcome.code}`}: ${outcome.detail}`}`]),
      value: results,
      ok: results.every(({ outcome }) => outcome.kind === 'sent'),
    }
  } finally {
    await manager.close()
  }
}
