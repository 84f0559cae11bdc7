import type { Message } from '../../model/channel.ts'
import { whole } from '../rows/whole.ts'
import { keyText } from './key.ts'
import { change } from './statement.ts'
import type { Session } from './statement.ts'

const put = change('insert into @inbox(id, channel, address, subject, body, severity, at) values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing')

/** Keeping the same message again changes nothing. */
export async function putIntoInbox(sql: Session, { id, to, subject, text, severity }: Message, channel: string, atMs: number): Promise<void> {
  await sql.run(put, keyText(id), channel, to, subject, text, severity, whole(atMs))
}
