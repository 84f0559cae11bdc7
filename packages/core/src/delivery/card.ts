import type { Card } from '../model/card.ts'
import type { Notification } from '../model/notification.ts'
import { aboutOf } from './about.ts'
import type { Reader } from './alert-values.ts'
import { sayFrame, type Letter } from './letter.ts'

/** The letter's pieces for channels that lay them out themselves. */
export function cardOf(letter: Letter, notification: Notification, reader: Reader): Card {
  const { badge, heading, lines, quotes, facts, items, moreItems, notes, links, why } = letter
  // How much it will be, the channel knows alone.
  const cutNote = sayFrame(reader.translator, 'cutNote', { count: '{}' })
  return {
    badge, heading, lines, quotes, facts, notes,
    items: items.map(({ time, title }) => ({ time, title })),
    ...(moreItems === undefined ? {} : { moreItems }),
    ...(cutNote === undefined ? {} : { cutNote }),
    links: links.map(({ word, url, act }) => ({ word, url, ...(act !== undefined && { act }) })),
    ...(why === undefined ? {} : { why }),
    about: aboutOf(notification, reader),
  }
}
