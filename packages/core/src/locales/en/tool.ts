import type { MessageId } from '../../model/message.ts'
import type { MessageWords } from '../shape.ts'
import { times } from './phrases.ts'

const soFar = 'The session has cost {costUsd} so far.'

export const toolMessages = {
  'tool.failed': {
    subject: [['Tool failed: {tool}', 'Tool failed'], ['{errorClass} ({statusCode})', '{errorClass}'], '{who}', times],
    lines: [['{failure}.']],
    short: [['tool {tool} failed', 'a tool failed'], ['{errorClass} ({statusCode})', '{errorClass}'], '{who}', times],
  },
  'tool.failing': {
    subject: [['Tool fails every time: {tool}', 'A tool fails every time'], '{failures, plural, =0 {} other {# calls in a row}}', ['{errorClass} ({statusCode})', '{errorClass}'], '{who}'],
    lines: [[['Its last {failures} calls all failed, since {sinceAt}.', 'Its last {failures} calls all failed.', 'Its last calls all failed.'], 'The last time: {failure}.']],
    short: [['tool {tool} fails every time', 'a tool fails every time'], '{failures, plural, =0 {} other {# calls in a row}}', ['{errorClass} ({statusCode})', '{errorClass}'], '{who}'],
  },
  'tool.repeated': {
    subject: [['Same call again and again: {tool}', 'Same tool call again and again'], '{repeatedTimes, plural, =0 {} other {# times in a row}}', '{costUsd} so far', '{who}'],
    lines: [[['Tool {tool} was called {repeatedTimes} times in a row with the same arguments.', 'Tool {tool} was called again and again with the same arguments.', 'A tool was called again and again with the same arguments.'], soFar]],
    short: [['tool {tool} called again and again', 'a tool called again and again'], '{repeatedTimes, plural, =0 {} other {# times}}', '{costUsd} so far', '{who}'],
  },
  'session.run-away': {
    subject: [['Session runs away: {who}', 'Session runs away'], '{calls, plural, =0 {} one {# call} other {# calls}}', '{durationMs}', '{costUsd} so far'],
    lines: [
      [
        [
          'It calls {turnTools} in turn, always with the same arguments: {turnTimes} calls so far.',
          'Agents are {depth} deep inside each other; the limit is {depthMax}.',
          'It has made {calls} calls; the limit is {callsMax}.',
          'It makes more calls than it may.',
        ],
        soFar,
      ],
    ],
    short: [['{who} runs away', 'a session runs away'], '{calls, plural, =0 {} one {# call} other {# calls}}', '{durationMs}', '{costUsd} so far'],
  },
  'session.ping-pong': {
    subject: [['Agents hand over back and forth: {relayAgents}', 'Agents hand over back and forth'], '{relayTimes, plural, =0 {} other {# times}}', '{costUsd} so far'],
    lines: [[['{relayAgents} handed over to each other {relayTimes} times, and neither finished.', 'Two agents handed over to each other again and again.'], soFar]],
    short: [['{relayAgents} hand over back and forth', 'agents hand over back and forth'], '{relayTimes, plural, =0 {} other {# times}}', '{costUsd} so far'],
  },
  'approval.waiting': {
    subject: [['Approval needed: {what}', 'Approval needed'], '{who}'],
    lines: [[['{who} waits until somebody approves {what}.', '{who} waits for an approval.', 'A session waits until somebody approves {what}.', 'A session waits for an approval.']]],
    short: [['approval needed: {what}', 'approval needed'], '{who}'],
  },
  'guardrail.tripped': {
    subject: [['Guardrail tripped: {guardrail}', 'A guardrail was tripped'], '{who}', times],
    lines: [[['Guardrail {guardrail} stopped {who}.', 'Guardrail {guardrail} stopped an agent.', 'A guardrail stopped {who}.', 'A guardrail stopped an agent.']]],
    short: [['guardrail {guardrail} tripped', 'a guardrail tripped'], '{who}', times],
  },
} satisfies Partial<Record<MessageId, MessageWords>>
