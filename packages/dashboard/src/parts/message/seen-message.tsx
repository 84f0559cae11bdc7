import { Badge, Code, Group, Paper, Stack, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import type { Answer } from '../../api/ask'
import { useSay } from '../../words/say'
import { Given } from '../given'
import { Moment } from '../moment'
import { MessageCard } from './message-card'
import { betweenSentences } from '../../words/sentences'
import classes from './message.module.css'

export type Seen = Answer<'/api/v1/deliveries/{id}/message'>
export type Message = NonNullable<Seen['message']>

/** A message as its reader saw it, or why there is none any more. */
export function SeenMessage({ seen }: { readonly seen: Seen }): ReactElement {
  const say = useSay()
  const { message, asSent, atMs, gone } = seen
  if (message === undefined) return <Text c="dimmed">{say(`message.gone-${gone ?? 'forgotten'}`)}</Text>
  return (
    <Stack gap="xs">
      <Text size="xs" c="dimmed">
        {say(asSent ? 'message.as-sent' : 'message.written-again')}{betweenSentences()}{atMs !== undefined && <Moment atMs={atMs} />}
      </Text>
      <MessageView message={message} />
    </Stack>
  )
}

/** Laid out as its channel does: a letter, a text message, a card. */
export function MessageView({ message }: { readonly message: Message }): ReactElement {
  const say = useSay()
  const { shape, subject, text, html, card, segments, device, payload } = message
  return (
    <Stack gap="md">
      {shape === 'mail' && (
        <>
          <Text fw={600}>
            <Given>{subject}</Given>
          </Text>
          {/* Nothing in it may run, load or lead anywhere: no scripts, no origin, no forms. */}
          {html !== undefined && <iframe sandbox="" srcDoc={html} title={say('message.letter', { subject })} className={classes['letter']} />}
        </>
      )}
      {shape === 'short' && (
        <div className={classes['phone']}>
          <div className={classes['bubble']}>
            <Given>{text}</Given>
          </div>
        </div>
      )}
      {segments !== undefined && (
        <Group gap="xs">
          <Badge variant="default">{say('message.segments', { count: segments.count })}</Badge>
          <Text size="xs" c="dimmed">
            {segments.encoding}, {say('message.characters', { count: text.length })}
          </Text>
        </Group>
      )}
      {shape === 'card' && card !== undefined && <MessageCard card={card} />}
      {device !== undefined && (
        <Paper withBorder p="sm" radius="md" maw={380} className={classes['device'] ?? ''}>
          <Text fw={600} size="sm">
            <Given>{device.title}</Given>
          </Text>
          <Text size="sm">
            <Given>{device.body}</Given>
          </Text>
        </Paper>
      )}
      {shape === 'full' && payload === undefined && (
        <>
          <Text fw={600}>
            <Given>{subject}</Given>
          </Text>
          <Text style={{ whiteSpace: 'pre-wrap' }} size="sm">
            <Given>{text}</Given>
          </Text>
        </>
      )}
      {payload !== undefined && (
        <Code block className={classes['payload'] ?? ''} tabIndex={0} aria-label={say('message.payload')}>
          {pretty(payload)}
        </Code>
      )}
      {shape === 'mail' && (
        <details>
          <summary>{say('message.plain')}</summary>
          <Code block className={classes['payload'] ?? ''}>
            {text}
          </Code>
        </details>
      )}
    </Stack>
  )
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2)
  } catch {
    // Cut where it was too long to be kept.
    return json
  }
}
