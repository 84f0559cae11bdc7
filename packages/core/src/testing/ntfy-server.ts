import { jsonOf } from '../channels/json-of.ts'
import { systemClock } from '../model/clock.ts'
import { startHttpProvider, type HttpProvider, type HttpReply, type HttpRequest } from './http-provider.ts'

/** A server of ntfy as far as a publisher can see it: access, limits, codes and what a topic keeps. */
export interface NtfyStandIn {
  readonly provider: HttpProvider
  readonly topic: string
  readonly token: string
  readonly user: string
  readonly password: string
  /** What the topic keeps, oldest first. */
  readonly kept: readonly Kept[]
  close(): Promise<void>
}

export interface Published {
  readonly topic: string
  readonly title?: string
  readonly message: string
  readonly priority?: number
  readonly tags?: readonly string[]
  readonly click?: string
  readonly actions?: readonly { readonly action: string; readonly label: string; readonly url: string }[]
  readonly sequence_id?: string
}

export interface Kept extends Published {
  readonly id: string
  /** Seconds since 1970. */
  readonly time: number
  readonly event: 'message'
}

export interface NtfyOptions {
  /** Before 2.16 a server passes over what it is told of a sequence. @default true */
  readonly knowsSequences?: boolean
  /** Whether the token may read the topic, and not only write to it. @default true */
  readonly mayRead?: boolean
}

export async function startNtfy({ knowsSequences = true, mayRead = true }: NtfyOptions = {}): Promise<NtfyStandIn> {
  const access = { topic: 'tests-9f3kq2', token: 'tk_testtoken0123456789', user: 'phil', password: 'ntfy-pass-word' }
  const kept: Kept[] = []
  const isLetIn = ({ headers }: HttpRequest): boolean => {
    const basic = `Basic ${Buffer.from(`${access.user}:${access.password}`).toString('base64')}`
    return headers.authorization === `Bearer ${access.token}` || headers.authorization === basic
  }
  const publish = ({ text }: HttpRequest): HttpReply => {
    if (Buffer.byteLength(text) > 8_192) return refused(413, 41303, 'JSON body too large')
    const given = jsonOf(text) as Published | undefined // Its parts are checked below.
    if (given === undefined) return refused(400, 40024, 'invalid request: request body must be valid JSON')
    if (!/^[-_A-Za-z0-9]{1,64}$/.test(given.topic)) return refused(400, 40009, 'invalid request: topic invalid')
    if (given.topic !== access.topic) return refused(403, 40301, 'forbidden')
    if (Buffer.byteLength(given.message) > 4_096) return refused(400, 40014, 'invalid request: attachments not allowed')
    if (given.priority !== undefined && ![1, 2, 3, 4, 5].includes(given.priority)) return refused(400, 40007, 'invalid priority parameter')
    if ((given.actions ?? []).length > 3 || (given.actions ?? []).some(({ label, url }) => label === '' || !URL.canParse(url))) return refused(400, 40018, 'invalid request: actions invalid')
    if (given.sequence_id !== undefined && knowsSequences && !/^[-_A-Za-z0-9]{1,64}$/.test(given.sequence_id)) return refused(400, 40049, 'invalid request: sequence ID invalid')
    const { sequence_id: sequence, ...rest } = given
    const message: Kept = { id: `id${String(kept.length).padStart(10, '0')}`, time: Math.floor(systemClock.nowMs() / 1_000), event: 'message', ...rest, message: given.message.trim(), ...(knowsSequences && sequence !== undefined ? { sequence_id: sequence } : {}) }
    kept.push(message)
    return { status: 200, body: message }
  }
  const poll = (path: string): HttpReply => {
    const since = Number(new URLSearchParams(path.split('?')[1]).get('since'))
    return { status: 200, headers: { 'content-type': 'application/x-ndjson' }, body: kept.filter(({ time }) => time >= since).map((message) => `${JSON.stringify(message)}\n`).join('') }
  }
  const provider = await startHttpProvider({
    isAside: ({ method }) => method === 'GET',
    answer(request) {
      if (!isLetIn(request)) return refused(401, 40101, 'unauthorized')
      if (request.method === 'POST' && request.path === '/') return publish(request)
      if (request.method === 'GET' && request.path.startsWith(`/${access.topic}/json?poll=1&`)) return mayRead ? poll(request.path) : refused(403, 40301, 'forbidden')
      return refused(404, 40401, 'page not found')
    },
  })
  return { provider, ...access, kept, close: () => provider.close() }
}

function refused(http: number, code: number, error: string): HttpReply {
  return { status: http, body: { code, http, error } }
}
