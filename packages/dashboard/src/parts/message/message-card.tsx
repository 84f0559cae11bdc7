import { Badge, Group, Paper, Stack, Text } from '@mantine/core'
import type { ReactElement } from 'react'
import { Given } from '../given'
import type { Message } from './seen-message'
import classes from './message.module.css'

/** A message in pieces, as a chat lays it out: bold subject, cause, facts, buttons. */
export function MessageCard({ card }: { readonly card: NonNullable<Message['card']> }): ReactElement {
  const { badge, heading, lines, quotes, facts, items, moreItems, notes, links, why } = card
  return (
    <Paper withBorder p="md" radius="md" maw={560} className={classes['card'] ?? ''}>
      <Stack gap={6}>
        <Text fw={700}>
          <span>[{badge}]</span> <Given>{heading}</Given>
        </Text>
        {lines.map((line) => (
          <Text key={line} size="sm" style={{ whiteSpace: 'pre-wrap' }}>
            <Given>{line}</Given>
          </Text>
        ))}
        {quotes.map((quote) => (
          <blockquote key={quote} className={classes['quote']}>
            <Given>{quote}</Given>
          </blockquote>
        ))}
        {items.length > 0 && (
          <ul className={classes['items']}>
            {items.map(({ time, title }, index) => (
              <li key={`${index} ${time}`}>
                <Text span size="xs" c="dimmed">
                  {time}
                </Text>{' '}
                <Given>{title}</Given>
              </li>
            ))}
            {moreItems !== undefined && <li>{moreItems}</li>}
          </ul>
        )}
        {facts.length > 0 && (
          <dl className={classes['facts']}>
            {facts.map(({ label, value }) => (
              <div key={label}>
                <dt>{label}</dt>
                <dd>
                  <Given>{value}</Given>
                </dd>
              </div>
            ))}
          </dl>
        )}
        {notes.map((note) => (
          <Text key={note} size="xs" c="dimmed">
            {note}
          </Text>
        ))}
        {links.length > 0 && (
          <Group gap={6}>
            {links.map(({ word, url }) => (
              <Badge key={`${word} ${url}`} variant="default" radius="sm" tt="none">
                {word}
              </Badge>
            ))}
          </Group>
        )}
        {why !== undefined && (
          <Text size="xs" c="dimmed">
            <Given>{why}</Given>
          </Text>
        )}
      </Stack>
    </Paper>
  )
}
