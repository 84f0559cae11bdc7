import { createHash } from 'node:crypto'

/** Whom an outage met: sessions and agents, each once however often their calls failed. */
export interface Victims {
  /** The first of them, for the message: session, agent, when it failed first. */
  readonly listed: (readonly [session: string, agent: string, atMs: number])[]
  /** Prints of all sessions, six characters each. */
  readonly prints: Set<string>
  /** Names of agents. */
  readonly agents: string[]
}

export interface Victim {
  readonly session?: string | undefined
  readonly agent?: string | undefined
  readonly atMs: number
}

/** Sessions that are named in the message; the rest is a number. */
const listedMax = 20
/** Sessions that are told apart; from then on it is said that there are at least so many. */
const printsMax = 1_000
const printChars = 6
const agentsMax = 20
const nameCharsMax = 80

export function noVictims(): Victims {
  return { listed: [], prints: new Set(), agents: [] }
}

export function addVictim(victims: Victims, { session, agent, atMs }: Victim): void {
  const { listed, prints, agents } = victims
  const name = (agent ?? '').slice(0, nameCharsMax)
  if (name !== '' && !agents.includes(name) && agents.length < agentsMax) agents.push(name)
  if (session === undefined) return
  const print = createHash('sha256').update(session).digest('base64').slice(0, printChars)
  if (prints.has(print) || prints.size >= printsMax) return
  prints.add(print)
  listed.push([session.slice(0, nameCharsMax), name, atMs])
  // The earliest stay, whichever became known first.
  if (listed.length > listedMax) listed.splice(listed.indexOf(listed.reduce((latest, one) => (isAfter(one, latest) ? one : latest))), 1)
}

/** Before an outage is seen nobody knows how far back it will reach: whoever failed longer ago is no victim of it. */
export function forgetBefore(victims: Victims, atMs: number): Victims {
  if (victims.listed.every(([, , since]) => since >= atMs)) return victims
  const kept = noVictims()
  for (const [session, agent, since] of victims.listed) if (since >= atMs) addVictim(kept, { session, agent, atMs: since })
  return kept
}

/** One line each, the earliest first: `session (agent)`. Ids and names are the same in every language. */
export function victimLines({ listed }: Victims): readonly string[] {
  return listed.toSorted((one, other) => (isAfter(one, other) ? 1 : -1)).map(([session, agent]) => (agent === '' ? session : `${session} (${agent})`))
}

/** As text, for the store: at most some 14,000 characters. */
export function victimsText({ listed, prints, agents }: Victims): string {
  return JSON.stringify({ l: listed, p: [...prints].join(''), a: agents })
}

export function victimsOf(text: string | undefined): Victims {
  if (text === undefined) return noVictims()
  try {
    // Reason for the cast: nothing but `victimsText` writes this text.
    const { l, p, a } = JSON.parse(text) as { readonly l: Victims['listed']; readonly p: string; readonly a: string[] }
    return { listed: l, prints: new Set(p.match(/.{6}/gs) ?? []), agents: a }
  } catch (damaged) {
    // The list begins anew; the outage is told all the same.
    if (damaged instanceof SyntaxError) return noVictims()
    throw damaged
  }
}

function isAfter(one: Victims['listed'][number], other: Victims['listed'][number]): boolean {
  return one[2] === other[2] ? one[0] > other[0] : one[2] > other[2]
}
