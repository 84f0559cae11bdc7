import type { MessageId } from '../../model/message.ts'
import type { MessageWords } from '../shape.ts'
import { group, times } from './phrases.ts'

export const systemMessages = {
  'rule.matched': {
    subject: [['Rule {rule}: {who}', 'Rule {rule}', 'A rule matched: {who}', 'A rule matched'], ['{model}', '{tool}'], '{costUsd}', times],
    lines: [[['The rule matched {type} of {who}.', 'The rule matched {type}.']]],
    short: [['rule {rule}', 'a rule matched'], '{who}', ['{model}', '{tool}'], '{costUsd}', times],
  },
  'rule.threshold': {
    subject: [['Rule {rule}: {measured}', 'Rule {rule}', 'A threshold was passed'], ['{below, select, other {below {bound}}}', 'above {bound}'], ...group],
    lines: [
      [
        [
          '{below, select, other {{measure} over {windowMs} is {measured}, below {bound}.}}', '{measure} over {windowMs} is {measured}, above {bound}.',
          '{below, select, other {{measure} over {windowMs} fell below its threshold.}}', '{measure} over {windowMs} rose above its threshold.', 'A measure passed its threshold.',
        ],
        '{again, select, other {It goes on.}}',
      ],
      ['{flaps, plural, other {It began # times within an hour: it stays open now until it was calm for {calmMs}.}}'],
    ],
    short: [['rule {rule}: {measured}', 'rule {rule}', 'a threshold was passed'], ['{below, select, other {below {bound}}}', 'above {bound}'], ...group],
  },
  'rule.no-data': {
    subject: [['Rule {rule}: no data', 'A rule has no data'], ...group],
    lines: [[['{measure} cannot be judged: over {windowMs} there were {samples} samples, and it takes {least}.', '{measure} cannot be judged: too little came over {windowMs}.', 'Too little came to judge the measure.']]],
    short: [['rule {rule}: no data', 'a rule has no data'], ...group],
  },
  'rule.anomaly': {
    subject: [['Rule {rule}: {measured}', 'Rule {rule}: something unusual', 'Something unusual'], 'usually {wanted}', ...group],
    lines: [[['{measure} over {windowMs} is {measured}, where {wanted} was expected.', '{measure} left the range that is usual.', 'A measure left the range that is usual.'], '{again, select, other {It goes on and got worse.}}']],
    short: [['rule {rule}: {measured}', 'rule {rule}: something unusual', 'something unusual'], 'usually {wanted}', ...group],
  },
  'rule.absent': {
    subject: [['Rule {rule}: nothing for {silentMs}', 'Rule {rule}: nothing came', 'Nothing came'], ...group],
    lines: [[['{after} was not followed by {type} within {silentMs}.', 'No {type} came for {silentMs}.', 'Nothing came for {silentMs}.'], '{again, select, other {It goes on.}}']],
    short: [['rule {rule}: nothing for {silentMs}', 'rule {rule}: nothing came', 'nothing came'], ...group],
  },
  custom: {
    subject: [['{title}', 'Message']],
    lines: [['{body}']],
    short: [['{title}: {body}', '{title}', '{body}', 'Message']],
  },
  'system.channel-paused': {
    subject: [['Channel {channel} is paused', 'A channel is paused'], '{waiting, plural, =0 {} other {# waiting}}'],
    lines: [[['Tocsin stopped sending on this channel; it tries again at {until}.', 'Tocsin stopped sending on this channel for now.'], 'Nothing is lost: what waits is sent when it works again.']],
    short: [['channel {channel} is paused', 'a channel is paused'], '{waiting, plural, =0 {} other {# waiting}}'],
  },
  'system.address-bad': {
    subject: [['{person} cannot be reached by {channel}', 'An address of {person} does not work', 'An address on {channel} does not work', 'An address does not work'], '{code}'],
    lines: [[['The provider refused {address} ({code}).', 'The provider refused {address}.', 'The provider refused the address ({code}).', 'The provider refused the address.'], 'It is not used for a day, or until it is changed.']],
    short: [['{person} cannot be reached by {channel}', 'an address of {person} does not work', 'an address on {channel} does not work', 'an address does not work'], '{code}'],
  },
  'system.events-dropped': {
    subject: [['{count, plural, one {# event was dropped} other {# events were dropped}}', 'Events were dropped'], '{reason}', '{host}'],
    lines: [['More was recorded than could be taken in, so the least urgent events were left out.', 'Counts and sums that rest on them are too low.']],
    short: [['{count, plural, one {# event dropped} other {# events dropped}}', 'events dropped'], '{reason}', '{host}'],
  },
  'system.rule-failed': {
    subject: [['Rule {rule} cannot be evaluated', 'A rule cannot be evaluated']],
    lines: [['The other rules go on; this one finds nothing until it is corrected.']],
    short: [['rule {rule} cannot be evaluated', 'a rule cannot be evaluated']],
  },
  'system.groups-limited': {
    subject: [['Rule {rule} has more than {count, number} groups', 'Rule {rule} has too many groups', 'A rule has too many groups']],
    lines: [['Further ones are counted together in one group named other.', 'Fewer names in groupBy, or a higher groupsMax, keep them apart.']],
    short: [['rule {rule} has more than {count, number} groups', 'rule {rule} has too many groups', 'a rule has too many groups']],
  },
  'system.render-failed': {
    subject: [['A message on {channel} could not be written', 'A message could not be written']],
    lines: [[['A plain form of {message} was sent in its place.', 'A plain form was sent in its place.']]],
    short: [['a message on {channel} could not be written', 'a message could not be written']],
  },
  'system.limit-reached': {
    subject: [['Limit reached on {channel}', 'A sending limit is reached'], '{count, plural, =0 {} one {# message waits} other {# messages wait}}'],
    lines: [[['More was due since {sinceAt} than may be sent here.', 'More was due than may be sent here.'], 'Critical alerts keep their share; the rest follows as the limit allows.']],
    short: [['limit reached on {channel}', 'a sending limit is reached'], '{count, plural, =0 {} one {# message waits} other {# messages wait}}'],
  },
  'system.store-replaced': {
    subject: ['The database was damaged and has been replaced'],
    lines: [[['The damaged file is kept at {file}.', 'The damaged file is kept.'], 'What it held and was not yet sent is not sent.']],
    short: ['the database was damaged and has been replaced'],
  },
  'system.config-broken': {
    subject: ['The configuration cannot be used'],
    lines: [[['What was changed in {file} does not hold.', 'What was changed does not hold.'], 'The last configuration that was right goes on.']],
    short: [['the configuration cannot be used: {cause}', 'the configuration cannot be used']],
  },
  'system.heartbeat-failed': {
    subject: [['The heartbeat to {host} does not arrive', 'The heartbeat does not arrive']],
    lines: [[['The last {count} calls failed.', 'Several calls failed.'], 'Tocsin itself works. Whoever waits for the heartbeat will think that it does not.']],
    short: [['the heartbeat to {host} does not arrive', 'the heartbeat does not arrive']],
  },
  'system.self-test': {
    subject: [['Self-test of {channel}: nothing is wrong', 'Self-test: nothing is wrong']],
    lines: [['This message is sent once a day, by the way of every other message. It arrived, so this channel works.']],
    short: [['self-test of {channel}: nothing is wrong', 'self-test: nothing is wrong']],
  },
} satisfies Partial<Record<MessageId, MessageWords>>
