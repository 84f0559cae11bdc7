import { aboutType, settingFields, type SettingField } from '../channels/setting-fields.ts'
import { ratesOf, type ChannelLimits, type ChannelType, type Rate } from '../model/channel.ts'
import { formatDuration } from '../model/duration.ts'

/** The documentation of all channels, from what their types declare: `docs/channels.md` is this text. */
export function channelPages(types: Iterable<ChannelType>): string {
  return `${[heading, ...[...types].map(pageOf)].join('\n\n')}\n`
}

const heading = `# Channels

A channel carries messages to people. Each is an entry under \`channels:\` in \`tocsin.yaml\`; \`\${NAME}\` reads the environment. Beside its own settings every channel takes \`concurrency\`
(sends in flight at once) and \`rate\` (such as \`10/1s\`), which narrow the limits below and never widen them. \`tocsin test-channel NAME\` sends one message and shows what the provider answered.

A message that a provider refuses for its address, its content or the channel's settings is not tried again there; one that fails for now is, with growing waits, and \`Retry-After\` is kept. What was
sent without an answer is in doubt: it is sent again only where the receiver drops repeats, or can be asked.`

function pageOf(type: ChannelType): string {
  const { title, description, example } = aboutType(type)
  const fields = settingFields(type)
  return [
    `## ${title}: \`type: ${type.type}\``,
    description,
    `\`\`\`yaml\nchannels:\n${example.replaceAll(/^/gm, '  ')}\n\`\`\``,
    ...(fields.length === 0 ? ['No settings.'] : [`| Setting | Meaning | |\n|---|---|---|\n${fields.map(fieldRow).join('\n')}`]),
    `Needs ${addresses[type.address]}. ${limitsOf(type.limits)} The end of an alert is ${type.can.tellsResolved ? '' : 'not '}told here.`,
  ].join('\n\n')
}

function fieldRow(field: SettingField): string {
  const notes = [field.required ? 'required' : field.default === undefined ? 'optional' : `default \`${field.default}\``, ...(field.secret ? ['secret: never shown'] : [])]
  return `| \`${field.name}\` | ${field.label}${field.hint === undefined ? '' : `: ${field.hint}`} | ${notes.join(', ')} |`
}

const addresses = { email: 'the `email` of a person', phone: 'the `phone` of a person (E.164)', none: 'no address: the channel itself is one' } as const

function limitsOf(limits: ChannelLimits): string {
  const rates = [
    ...ratesOf(limits.rate).map((rate) => `${rateOf(rate)} in all`),
    ...(limits.ratePerAddress === undefined ? [] : [`${rateOf(limits.ratePerAddress)} to one address`]),
  ]
  const unit = limits.cost === undefined ? 'messages' : 'segments'
  return `At most ${limits.bodyCharsMax.toLocaleString('en')} characters a message, ${limits.concurrency} at once${rates.length === 0 ? '' : `, ${rates.join(' and ')} (${unit})`}.`
}

function rateOf(rate: Rate): string {
  return `${rate.count} in ${formatDuration(rate.perMs)}`
}
