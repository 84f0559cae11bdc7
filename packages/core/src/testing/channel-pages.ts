import { aboutType, settingFields, type SettingField } from '../channels/setting-fields.ts'
import { ratesOf, type AddressKind, type ChannelLimits, type ChannelType, type Rate } from '../model/channel.ts'
import { formatDuration } from '../model/duration.ts'
import type { OutcomeKind } from '../model/outcome.ts'
import type { PlannedFault } from './channel-suite.ts'

/** The list of all channels, from what their types declare: `docs/channels.md` is this text. */
export function channelIndex(types: Iterable<ChannelType>): string {
  const rows = [...types].map((type) => {
    const { title } = aboutType(type)
    return `| [${title}](channels/${type.type}.md) | \`${type.type}\` | ${addressWords[type.address]} | ${type.can.resolves ? 'yes' : 'no'} | ${yes(type.can.threads)} | ${yes(type.can.updates)} | ${yes(type.can.actions)} |`
  })
  return `${heading}\n\n| Channel | \`type\` | Address | Tells the end | Threads | Updates | Buttons |\n|---|---|---|---|---|---|---|\n${rows.join('\n')}\n\n${outcomesText}\n`
}

/**
 * The documentation of one channel, from what its type declares and from the faults that its tests plan: `docs/channels/NAME.md`.
 *
 * @param faults what its other side can answer, as tested
 */
export function channelPage(type: ChannelType, faults: readonly PlannedFault[]): string {
  const { title, description, example, credentials } = aboutType(type)
  const fields = settingFields(type)
  const name = example.split(':')[0] ?? type.type
  return `${[
    `# ${title}`,
    description,
    `\`\`\`yaml\nchannels:\n${example.replaceAll(/^/gm, '  ')}\n\`\`\``,
    `Try it: \`npx tocsin test-channel ${name}\` sends one message and shows the conversation with the provider, without secrets.`,
    ...(credentials === '' ? [] : [`## Credentials\n\n${credentials}`]),
    `## Settings\n\n${fields.length === 0 ? 'None.' : `| Setting | Meaning | |\n|---|---|---|\n${fields.map(fieldRow).join('\n')}`}`,
    `Beside them \`concurrency\` and \`rate\`, as [every channel](../channels.md) has them.`,
    `## Limits\n\nNeeds ${addressesOf(type)}. ${limitsOf(type.limits)}`,
    `## What it can do\n\n${abilities(type).map((line) => `- ${line}`).join('\n')}`,
    ...(faults.length === 0 ? [] : [`## Outcomes\n\nEach line is a test of this channel.\n\n| What happens | Outcome |\n|---|---|\n${faults.map(faultRow).join('\n')}`]),
  ].join('\n\n')}\n`
}

const heading = `# Channels

A channel carries messages to people. Each is an entry under \`channels:\` in \`tocsin.yaml\`; \`\${NAME}\` reads the environment. Beside its own settings every channel takes \`concurrency\`
(sends in flight at once) and \`rate\` (such as \`10/1s\`), which narrow the limits on its page and never widen them. \`tocsin test-channel NAME\` sends one message and shows the conversation with the
provider.`

const outcomeWords: Readonly<Record<OutcomeKind, string>> = {
  sent: 'the provider took it.',
  retry: 'not now: tried again with growing waits, at most 12 times. A time that the provider names (`Retry-After`) is kept whole.',
  'bad-address': 'this address does not work: it is left alone for a day, its owner and the admins are told otherwise, and the next channel is asked.',
  'bad-content': 'this message can never be taken: the next channel is asked.',
  'bad-config': 'the whole channel is wrong: it is paused, what waits is kept, and the admins are told by another channel.',
  'in-doubt': 'the message went out and no answer came. It is sent again only where the receiver drops repeats, or can be asked; critical news elsewhere once more, marked as possibly repeated.',
}

const outcomesText = `## Outcomes

Every attempt ends as one of these, whatever the provider; the page of a channel lists which answer is which.

| Outcome | What follows |
|---|---|
${Object.entries(outcomeWords).map(([kind, words]) => `| \`${kind}\` | ${words} |`).join('\n')}`

function fieldRow(field: SettingField): string {
  const notes = [field.required ? 'required' : field.default === undefined ? 'optional' : `default \`${field.default}\``, ...(field.secret ? ['secret: never shown'] : [])]
  return `| \`${field.name}\` | ${field.label}${field.hint === undefined ? '' : `: ${field.hint}`} | ${notes.join(', ')} |`
}

function faultRow([name, , outcome, code]: PlannedFault): string {
  return `| ${name.replaceAll('|', '\\|')} | \`${outcome}\`${code === undefined ? '' : ` \`${code}\``} |`
}

function abilities({ can }: ChannelType): readonly string[] {
  return [
    can.resolves ? 'The end of an alert is told here.' : 'The end of an alert is not told here.',
    ...(can.threads === true ? ['Later news about an alert stand with the first one.'] : []),
    ...(can.updates === true ? ['The first message about an alert is changed in place when there is news.'] : []),
    ...(can.actions === true ? ['Links are shown as buttons.'] : []),
    ...(can.interrupts === false ? ['Nobody is interrupted here: [limits and storms](../guides/delivery.md#limits-and-storms) do not apply.'] : []),
    can.deduplicates ? 'The receiver drops repeats by the id of the message, so what is in doubt is sent again.' : 'Nobody drops repeats for us, so what is in doubt is not sent again unless it is critical.',
  ]
}

const addressWords = {
  email: '`email`', phone: '`phone`', push: '`push`', webPush: '`webPush`', slack: '`slack`', telegram: '`telegram`', none: 'the channel itself',
} as const satisfies Record<AddressKind, string>

const addresses = {
  email: 'the `email` of a person', phone: 'the `phone` of a person (E.164)', push: 'the `push` tokens of a person', webPush: 'the `webPush` subscriptions of a person',
  slack: 'the `slack` member id of a person', telegram: 'the `telegram` chat of a person', none: 'no address: the channel itself is one',
} as const satisfies Record<AddressKind, string>

function addressesOf(type: ChannelType): string {
  return type.addressFor === undefined ? addresses[type.address] : `${addresses[type.address]}, or by its settings the address of each person`
}

function yes(can: boolean | undefined): string {
  return can === true ? 'yes' : 'no'
}

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
