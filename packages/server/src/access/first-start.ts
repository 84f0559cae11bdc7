import type { Clock } from 'tocsin/engine'
import type { Connection } from '../stores/audit.ts'
import { claimFact } from '../stores/facts.ts'
import type { Accounts } from './accounts.ts'
import type { TerminalWords } from '../operations/terminal-words.ts'
import { installation } from './audit.ts'
import type { Keys } from './key.ts'

/**
 * What only the person at the terminal may read, at the first start: the link that makes the owner, and a key that sends events.
 *
 * @param terminal never a log: both are secrets
 */
export async function welcomeFirst({ db, clock, accounts, keys, project, url, words, terminal }: { readonly db: Connection; readonly clock: Clock; readonly accounts: Accounts; readonly keys: Keys; readonly project: string; readonly url: string; readonly words: TerminalWords; readonly terminal: (text: string) => void }): Promise<void> {
  // Until somebody owns it. Of several servers that start at once only the last link would work, so there is one.
  const token = await accounts.makeFirstOwnerLink({ principal: installation })
  if (token !== undefined) {
    terminal(words.open(welcomeUrl(url, token)))
    terminal(words.ownerLink)
  }
  if (await claimFact(db, 'first-key', String(clock.nowMs()))) {
    const { key } = await keys.create({ name: 'first', scope: 'ingest', project }, { principal: installation })
    terminal(words.key(key))
  }
}

/** The token stands after `#`: browsers keep that part to themselves, so that no log of a server or proxy has it. */
export function welcomeUrl(url: string, token: string): string {
  return `${url.replace(/\/$/, '')}/welcome#${token}`
}
