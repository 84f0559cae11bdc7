import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ConfigInput } from 'tocsin/engine'
import { startSmtpServer, type SmtpStandIn } from '../../packages/core/src/testing/smtp-server.ts'
import { until } from '../../packages/core/src/testing/receiver.ts'
import { serverWorld, type ServerWorld } from '../../packages/server/src/testing/server-world.ts'
import { invited, ownerOf, type Visitor } from '../../packages/server/src/testing/visitor.ts'
import { failedRun, goodRun, outage, send, wild } from './what-agents-do.ts'

export type Member = 'owner' | 'admin' | 'developer' | 'billing' | 'viewer'

/** A server with something on every page. */
export interface FilledWorld {
  readonly world: ServerWorld
  readonly members: Readonly<Record<Member, Visitor>>
  /** Each page by a short name, with an example where it shows one thing. */
  readonly views: readonly View[]
  /** `/a/TOKEN`, as it stood in a mail. */
  readonly actionLink: string
  dispose(): Promise<void>
}

export interface View {
  readonly name: string
  readonly path: string
}

const hourMs = 3_600_000

/** @param texts `wild`: names and texts are of the kind that no page may stumble over */
export async function filledWorld(texts: 'plain' | 'wild' = 'plain'): Promise<FilledWorld> {
  const smtp = await startSmtpServer({ login: { user: 'apikey', password: 'secret' } })
  const config: ConfigInput = {
    project: 'bots',
    publicUrl: 'https://tocsin.example.com',
    channels: { mail: { type: 'email', url: smtp.url, ca: smtp.ca, from: 'Tocsin <noreply@example.com>' }, wall: { type: 'inbox' } },
    people: {
      olga: { role: 'owner', email: 'olga@example.com' },
      lee: { role: 'developer', email: 'lee@example.com', locale: 'zh-CN', timezone: 'Asia/Shanghai', quietHours: '22:00-07:00' },
      bo: { role: 'billing', email: 'bo@example.com' },
    },
    budgets: { 'team-day': { amountUsd: 4, period: 'day' } },
    routes: [{ name: 'on-call', match: "alert.severity in ['critical', 'high']", to: ['olga', 'bo'], via: ['mail'] }, { name: 'everything', to: ['lee', 'olga'], via: ['mail', 'wall'] }],
    silences: [{ name: 'release', match: "alert.agent == 'nobody'", until: new Date(Date.now() + 30 * hourMs).toISOString(), author: 'ops', comment: 'a release' }],
  }
  // Invitations are shown where there is no channel that carries them.
  const world = await serverWorld({ project: 'bots' })
  const owner = await ownerOf(world)
  const member = async (role: Exclude<Member, 'owner'>): Promise<Visitor> => invited(world, owner, { name: role, role, project: 'bots' })
  const members = { owner, admin: await member('admin'), developer: await member('developer'), billing: await member('billing'), viewer: await member('viewer') }
  writeFileSync(join(world.data, 'tocsin.yaml'), JSON.stringify(config))
  if (!(await world.reload())) throw new Error(`expected the configuration to be taken: ${world.notices.join(' ')}`)
  const put = async (path: string, body: unknown): Promise<void> => {
    const { status, text } = await owner.call('PUT', `/api/v1/${path}?project=bots`, { body, headers: { 'if-none-match': '*' } })
    if (status >= 300) throw new Error(`${path}: ${status} ${text}`)
  }
  await put('rules/dear-call', { on: 'llm.call', when: 'event.costUsd > 0.5', severity: 'warning', groupBy: ['agent'], ...(texts === 'wild' && { owner: wild.html }) })
  await put('budgets/refunds', { amountUsd: 200, period: 'month', where: "event.agent == 'refund-bot'" })
  await put('teams/crew', ['olga', 'lee'])
  await put('rotations/duty', { members: ['olga', 'lee'], every: 'week', timezone: 'Europe/Berlin' })
  await owner.call('POST', '/api/v1/silences?project=bots', { body: { match: "alert.agent == 'triage-bot' && alert.kind == 'tool'", untilMs: Date.now() + 2 * hourMs, comment: texts === 'wild' ? `${wild.html} ${wild.rtl}` : 'the CRM is being moved' } })
  await owner.call('POST', '/api/v1/keys?project=bots', { body: { name: 'nightly', scope: 'ingest' } })
  await send(world, events(texts))
  const [alert, delivery] = await until(async () => {
    const [alerts, deliveries] = await Promise.all([idsOf(owner, '/api/v1/alerts?project=bots&limit=100'), idsOf(owner, '/api/v1/deliveries?project=bots&limit=100')])
    return alerts.length > 3 && deliveries.length > 3 && smtp.mails.length > 3 && ([alerts.at(-1) ?? '', deliveries.at(-1) ?? ''] as const)
  })
  const actionLink = await until(() => linkIn(smtp))
  return {
    world,
    members,
    views: [...viewsOf({ alert, delivery, session: 'failed-0' })],
    actionLink,
    async dispose() {
      await world.dispose()
      await smtp.close()
    },
  }
}

function events(texts: 'plain' | 'wild'): object[] {
  const endMs = Date.now() - 60_000
  const odd = [wild.html, wild.rtl, wild.emoji, wild.long.slice(0, 200)]
  const agent = (index: number): string => (texts === 'wild' ? (odd[index % odd.length] ?? '') : (['refund-bot', 'support-bot', 'triage-bot'][index % 3] ?? ''))
  const name = (index: number): string => (texts === 'wild' ? [wild.html, wild.rtl, wild.emoji, wild.long][index % 4] ?? '' : `order ${index}`)
  return [
    ...Array.from({ length: 12 }, (_, index) => goodRun({ id: `good-${index}`, agent: agent(index), name: name(index), endMs: endMs - index * 600_000, costUsd: 0.05 })).flat(),
    ...Array.from({ length: 4 }, (_, index) => failedRun({ id: `failed-${index}`, agent: agent(index), name: name(index), endMs: endMs - index * 900_000, ...(texts === 'wild' && { message: [wild.html, wild.long, wild.rtl, wild.emoji][index] ?? '' }) })).flat(),
    ...goodRun({ id: 'dear-0', agent: agent(1), name: name(3), endMs, costUsd: 1.2 }),
    ...outage({ endMs, sessions: 12 }),
  ]
}

async function idsOf(visitor: Visitor, path: string): Promise<readonly string[]> {
  const { json } = await visitor.call('GET', path)
  return (json as { readonly items: readonly { readonly id: string }[] }).items.map(({ id }) => id)
}

function linkIn({ mails }: SmtpStandIn): string | undefined {
  for (const { parsed } of mails) {
    const found = /https:\/\/tocsin\.example\.com(\/a\/[\w-]+)/.exec(parsed.text ?? '')?.[1]
    if (found !== undefined) return found
  }
  return undefined
}

/** What `pages.ts` of the dashboard lists, read as text: a page that is added there is looked at here. */
function pagePaths(): readonly string[] {
  const source = readFileSync(join(import.meta.dirname, '../../packages/dashboard/src/app/pages.ts'), 'utf8')
  const paths = [...source.matchAll(/^ {2}\{ path: '([^']+)'/gm)].map(([, path]) => path ?? '')
  if (paths.length < 19) throw new Error(`expected to find the pages in pages.ts, found ${paths.join(' ')}`)
  return paths
}

/** Of a page that shows one thing, or begins another: what stands after its own path. */
function further({ alert, delivery, session }: { readonly alert: string; readonly delivery: string; readonly session: string }): Readonly<Record<string, readonly string[]>> {
  return {
    '/alerts': [`/${alert}`, '?state=resolved&agent=nobody'],
    '/sessions': [`/${session}`],
    '/messages': [`/${delivery}`, '?view=inbox'],
    '/rules': ['/dear-call', '/session-failed', '?new=1'],
    '/budgets': ['/team-day', '/refunds', '?new=1'],
    '/routing': ['?new=route', '?tab=teams&team=crew', '?tab=rotations&rotation=duty'],
    '/silences': ['?new=silence', '?tab=maintenance'],
    '/channels': ['/mail', '?new=1', '?new=webhook'],
    '/people': ['/lee', '?new=1'],
    '/templates': ['/session.failed'],
  }
}

function viewsOf(examples: Parameters<typeof further>[0]): readonly View[] {
  const more = further(examples)
  return pagePaths().flatMap((path) => {
    const list = path.replace(/\/\{.*$/, '')
    const own = { name: list === '/' ? 'overview' : list.slice(1).replaceAll('/', '-'), path: `/p/bots${list === '/' ? '' : list}` }
    return [own, ...(more[list] ?? []).map((rest, index) => ({ name: `${own.name}-${index + 1}`, path: `${own.path}${rest}` }))]
  })
}
