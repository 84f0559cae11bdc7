import type { Message } from '../../model/channel.ts'
import { given, query } from './statement.ts'
import type { Prepare } from './statement.ts'
import { whole } from './whole.ts'

/** Keeping the same message again changes nothing. */
export function inboxWriter(prepare: Prepare): (message: Message, channel: string, atMs: number) => void {
  const put = prepare(
    query
      .insertInto('inbox')
      .values({ id: given(), channel: given(), address: given(), subject: given(), body: given(), severity: given(), at: given() })
      .onConflict((conflict) => conflict.doNothing()),
  )
  return ({ id, to, subject, text, severity }, channel, atMs) => {
    put.run(id, channel, to, subject, text, severity, whole(atMs))
  }
}
