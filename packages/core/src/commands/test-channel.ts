import { openChannels } from '../channels/registry.ts'
import { configurationFrom } from '../configuration.ts'
import { TocsinError } from '../model/error.ts'
import { NotificationManager } from '../notification-manager.ts'
import type { Report } from './report.ts'

/** Sends one message by one channel, at once and once, and shows what the provider answered. */
export async function testChannel(name: string, options: { readonly to?: string; readonly config: string }, env: NodeJS.ProcessEnv): Promise<Report> {
  const config = configurationFrom(options.config, [], env)
  const settings = config.channels[name]
  if (settings === undefined) throw new TocsinError('wrong-usage', `channel "${name}" is not in ${options.config}; it has ${Object.keys(config.channels).join(', ')}`)
  const kind = openChannels({ [name]: settings }).get(name)?.type.address ?? 'none'
  const addresses = options.to !== undefined ? [options.to] : kind === 'none' ? [''] : [...new Set(Object.values(config.people).flatMap((person) => person[kind] ?? []))]
  if (addresses.length === 0) throw new TocsinError('wrong-usage', `nobody in ${options.config} has an address for "${name}" (${kind}); name one: --to ADDRESS`)
  const manager = new NotificationManager({ channels: { [name]: settings } })
  try {
    const results = []
    for (const to of addresses) {
      const outcome = await manager.send({ channel: name, to, subject: `Tocsin test of channel ${name}`, body: 'If you can read this, the channel works.' })
      results.push({ to, outcome })
    }
    return {
      lines: results.map(({ to, outcome }) => `${to || name}: ${outcome.kind === 'sent' ? 'accepted by the server' : `${outcome.kind}${outcome.code === undefined ? '' : ` ${outcome.code}`}: ${outcome.detail}`}`),
      value: results,
      ok: results.every(({ outcome }) => outcome.kind === 'sent'),
    }
  } finally {
    await manager.close()
  }
}
