import type { MessageId } from '../../model/message.ts'
import type { MessageWords } from '../shape.ts'
import { who } from './phrases.ts'

export const sessionMessages = {
  'session.started': {
    subject: [who('Session started'), '{environment}', 'Node {node}', 'commit {gitCommit}', 'host {host}'],
    lines: [],
    short: [['{who} started', 'Session started'], 'Node {node}', 'commit {gitCommit}', 'host {host}'],
  },
  'session.ended': {
    subject: [who('Session ended'), '{endState}', '{durationMs}', '{costUsd}'],
    lines: [['Reason given: {endReason}']],
    short: [['{who} ended', 'Session ended'], '{endState}', '{durationMs}', '{costUsd}'],
  },
  'session.failed': {
    subject: [
      who('Session failed'),
      ['tool {causeTool}: {causeClass}', '{causeProvider} {causeClass}', '{causeClass}', '{endedShort}'],
      '{costUsd}',
    ],
    lines: [
      [
        ['Stopped at step {causeStep}: {failure}.', 'Stopped: {failure}.', '{ended}.', 'No failing call was recorded.'],
        'That call failed {failedTimes} times.',
        ['{spread} later steps failed too: {spreadNames}.', '{spread} later steps failed too.', 'One later step failed too: {spreadName}.'],
        'Tool {beforeTool} was called {beforeTimes} times in a row with the same arguments.',
      ],
      ['Reason given: {endReason}'],
    ],
    short: [
      ['{who} failed at step {causeStep}', '{who} failed', 'Session failed at step {causeStep}', 'Session failed'],
      ['tool {causeTool}: {causeClass} ({causeStatus})', 'tool {causeTool}: {causeClass}', '{causeProvider} {causeClass} ({causeStatus})', '{causeClass} ({causeStatus})', '{causeProvider} {causeClass}', '{causeClass}', '{endedShort}'],
      '{costUsd}',
    ],
  },
  'session.lost': {
    subject: [who('Session lost'), ['its process on {host} died', 'its process died'], '{costUsd}'],
    lines: [['The process that ran it gave no sign of life any more; it ended nothing and said nothing.']],
    short: [['{who} lost', 'Session lost'], ['process on {host} died', 'its process died'], '{costUsd}'],
  },
  'session.hung': {
    subject: [who('Session hangs'), 'silent for {silentMs}', '{costUsd}'],
    lines: [[['Nothing has been heard of it for {silentMs}.', 'Nothing is heard of it.']]],
    short: [['{who} hangs', 'Session hangs'], 'silent for {silentMs}', '{costUsd}'],
  },
  'session.long': {
    subject: [who('Long session'), ['{durationMs} so far (limit {limitMs})', '{durationMs} so far'], '{costUsd}'],
    lines: [[['It has run for {durationMs}; the limit is {limitMs}.', 'It has run for {durationMs}.', 'It runs for longer than it may.']]],
    short: [['{who} runs for {durationMs}', '{who} runs long', 'Long session'], '{costUsd}'],
  },
  'session.expensive': {
    subject: [['Session over {limitUsd}: {who}', 'Session over {limitUsd}', 'Session over its price limit: {who}', 'Session over its price limit'], '{costUsd} so far'],
    lines: [[['It has cost {costUsd} so far; the limit is {limitUsd}.', 'It has cost {costUsd} so far.']]],
    short: [['{who} over {limitUsd}', '{who} over its price limit', 'Session over {limitUsd}', 'Session over its price limit'], '{costUsd} so far'],
  },
} satisfies Partial<Record<MessageId, MessageWords>>
