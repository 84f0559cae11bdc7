import type { Message } from '../../model/channel.ts'
import { tables } from '../rows/tables.ts'
import type { Prepare } from './statement.ts'
import { whole } from '../rows/whole.ts'

/** Keeping the same message again changes nothing. */
export function inboxWriter(prepare: Prepare): (message: Message, channel: string, atMs: number) => void {
  const put = prepare.insert(tables.inbox, ['id', 'channel', 'address', 'subject', 'body', 'severity', 'at'], 'on conflict do nothing')
  return ({ id, to, subject, text, severity }, channel, atMs) => {
    put.run(id, channel, to, subject, text, severity, whole(atMs))
  }
}
