import { createHmac } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import { Webhook } from 'standardwebhooks'
import { ownerOf } from '../testing/visitor.ts'
import { serverWorld, type ServerWorld } from '../testing/server-world.ts'

let world: ServerWorld
afterEach(() => world.dispose())

const startsAt = new Date(Date.now() - 60_000).toISOString()
const endsAt = new Date(Date.now() - 1_000).toISOString()
const people = { dana: { role: 'admin' as const, email: 'dana@example.com' } }

/** As Alertmanager 0.28 posts it. */
function call(status: 'firing' | 'resolved', labels: Readonly<Record<string, string>> = {}) {
  const alert = {
    status, labels: { alertname: 'DiskFull', instance: 'db-1', severity: 'page', ...labels }, annotations: { summary: 'Disk of db-1 is full', description: 'Less than 1 % is free.' },
    startsAt, endsAt: status === 'resolved' ? endsAt : '0001-01-01T00:00:00Z', generatorURL: 'http://prometheus:9090/graph', fingerprint: 'b5d4045c3f466fa9',
  }
  return { version: '4', groupKey: '{}:{}', truncatedAlerts: 0, status, receiver: 'tocsin', groupLabels: {}, commonLabels: {}, commonAnnotations: {}, externalURL: 'http://alertmanager:9093', alerts: [alert] }
}

async function alerts(key: string): Promise<readonly { readonly title: string; readonly state: string; readonly severity: string }[]> {
  void key
  return (await world.store.read.alerts()).map(({ announcement, state, severity }) => ({ title: announcement?.title ?? '', state, severity }))
}

describe('Alertmanager', () => {
  test('fires one alert for each of its own, hears it again without a second, and ends it when it is over', async () => {
    world = await serverWorld({ people })
    const key = world.ingestKey
    const first = await world.call('POST', '/api/v1/sources/alertmanager', { key, body: call('firing') })
    expect([first.status, first.json]).toEqual([200, { accepted: 1, duplicates: 0, refused: [] }])
    expect((await world.call('POST', '/api/v1/sources/alertmanager', { key, body: call('firing') })).json).toEqual({ accepted: 0, duplicates: 1, refused: [] })
    expect(await alerts(key)).toEqual([{ title: 'Disk of db-1 is full', state: 'firing', severity: 'critical' }])
    await world.call('POST', '/api/v1/sources/alertmanager', { key, body: call('resolved') })
    expect(await alerts(key)).toEqual([{ title: 'Disk of db-1 is full', state: 'resolved', severity: 'critical' }])
  })

  test('a call that is none is refused with the places, and nothing is kept', async () => {
    world = await serverWorld({ people })
    const wrong = await world.call('POST', '/api/v1/sources/alertmanager', { key: world.ingestKey, body: { alerts: [{ status: 'odd', labels: {} }] } })
    expect(wrong.status).toBe(422)
    expect(wrong.json).toMatchObject({ type: 'urn:tocsin:problem:invalid', errors: [{ pointer: '/alerts/0/status' }, { pointer: '/alerts/0/startsAt' }] })
    expect((await world.call('POST', '/api/v1/sources/alertmanager', { key: world.ingestKey, headers: { 'content-type': 'application/json' } })).status).toBe(400)
    expect(await alerts('')).toEqual([])
  })
})

describe('a source of the configuration', () => {
  const secret = `whsec_${Buffer.from('a secret of thirty-two bytes long').toString('base64')}`
  const sources = {
    deploys: { title: 'Deploy of {{ payload.app }} {{ payload.state }}', severity: '{{ payload.level }}', about: '{{ payload.app }}', over: "{% if payload.state == 'ok' %}true{% endif %}", at: '{{ payload.at }}', tags: { app: '{{ payload.app }}' }, when: "{% if payload.app %}true{% endif %}", secret },
    repo: { title: '{{ payload.action }} in {{ payload.repository.name }}', signature: 'github' as const, secret: 'It is a secret to everybody' },
    open: { title: '{{ payload.text }}' },
  }
  const at = new Date().toISOString()
  const failed = { app: 'shop', state: 'failed', level: 'warn', at }

  function signed(payload: object, by = secret) {
    const body = JSON.stringify(payload)
    const now = new Date()
    return { body, headers: { 'content-type': 'application/json', 'webhook-id': 'msg_1', 'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)), 'webhook-signature': new Webhook(by).sign('msg_1', now, body) } }
  }
  async function post(path: string, { body, headers }: { readonly body: string; readonly headers: Readonly<Record<string, string>> }) {
    const response = await fetch(`${world.url}${path}`, { method: 'POST', body, headers })
    const json: unknown = await response.json()
    return { status: response.status, json }
  }

  test('reads what was sent by its templates, counts the same call once, and lasts until it is over', async () => {
    world = await serverWorld({ people, sources })
    expect(await post('/hooks/default/deploys', signed(failed))).toEqual({ status: 200, json: { accepted: 1, duplicates: 0, refused: [] } })
    expect(await post('/hooks/default/deploys', signed(failed))).toEqual({ status: 200, json: { accepted: 0, duplicates: 1, refused: [] } })
    expect(await alerts('')).toEqual([{ title: 'Deploy of shop failed', state: 'firing', severity: 'warning' }])
    await post('/hooks/default/deploys', signed({ ...failed, state: 'ok', at: new Date(Date.now() + 5).toISOString() }))
    expect(await alerts('')).toEqual([{ title: 'Deploy of shop failed', state: 'resolved', severity: 'warning' }])
    expect((await post('/hooks/default/deploys', signed({ state: 'failed' }))).json).toEqual({ accepted: 0, duplicates: 0, refused: [] })
  })

  test('is believed with the right signature alone, and tells nobody what there is', async () => {
    world = await serverWorld({ people, sources })
    const other = `whsec_${Buffer.from('b secret of thirty-two bytes long').toString('base64')}`
    const { body, headers } = signed(failed)
    const answers = [
      await post('/hooks/default/deploys', signed(failed, other)),
      await post('/hooks/default/deploys', { body: `${body} `, headers }),
      await post('/hooks/default/deploys', { body, headers: { 'content-type': 'application/json' } }),
      await post('/hooks/default/open', { body, headers }),
      await post('/hooks/default/none', { body, headers }),
      await post('/hooks/elsewhere/deploys', { body, headers }),
    ]
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]))
    const github = JSON.stringify({ action: 'opened', repository: { name: 'bots' } })
    const mac = createHmac('sha256', sources.repo.secret).update(github).digest('hex')
    expect((await post('/hooks/default/repo', { body: github, headers: { 'x-hub-signature-256': `sha256=${mac}` } })).status).toBe(200)
    expect(await alerts('')).toEqual([{ title: 'opened in bots', state: 'resolved', severity: 'high' }])
  })

  test('without a signature a key of ours is needed', async () => {
    world = await serverWorld({ people, sources })
    expect((await world.call('POST', '/api/v1/sources/open', { body: { text: 'Hello' } })).status).toBe(401)
    expect((await world.call('POST', '/api/v1/sources/open', { key: world.ingestKey, body: { text: 'Hello' } })).status).toBe(200)
    expect((await world.call('POST', '/api/v1/sources/none', { key: world.ingestKey, body: {} })).status).toBe(404)
    expect(await alerts('')).toMatchObject([{ title: 'Hello' }])
  })
})

describe('the page behind the link of a message', () => {
  async function link(): Promise<string> {
    world = await serverWorld({ publicUrl: 'http://127.0.0.1:1', people, channels: { box: { type: 'inbox' } }, routes: [{ to: ['dana'], via: ['box'] }] })
    await world.call('POST', '/api/v1/sources/alertmanager', { key: world.ingestKey, body: call('firing', { alertname: '<script>alert(1)</script>' }) })
    for (let tries = 0; tries < 100; tries += 1) {
      const [message] = await world.store.read.inbox()
      const found = /\/a\/[\w-]+/.exec(message?.text ?? '')?.[0]
      if (found !== undefined) return found
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    throw new Error('no message came')
  }

  test('shows what it is about and changes nothing, its button acts, and then it is used up', async () => {
    const path = await link()
    const page = await world.call('GET', `${path}?do=snooze`)
    expect(page.status).toBe(200)
    expect(page.text).toContain('Disk of db-1 is full')
    expect(page.text).toMatch(/class="first">Snooze 1 h</)
    expect(page.text).not.toMatch(/<script/)
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect([page.headers.get('referrer-policy'), page.headers.get('cache-control')]).toEqual(['no-referrer', 'no-store'])
    expect(await alerts('')).toMatchObject([{ state: 'firing' }])
    const done = await world.call('POST', path, { headers: { 'content-type': 'application/x-www-form-urlencoded' }, form: 'action=acknowledge' })
    expect([done.status, done.text.includes('Acknowledged. Nobody else is told')]).toEqual([200, true])
    expect(await alerts('')).toMatchObject([{ state: 'acknowledged' }])
    expect((await world.call('GET', path)).status).toBe(410)
  })

  test('a forged link, an unknown action and an odd body are refused without a trace', async () => {
    const path = await link()
    expect((await world.call('GET', '/a/AAAAAAAAAAAAAAAAAAAAAA')).status).toBe(404)
    expect((await world.call('POST', path, { headers: { 'content-type': 'application/x-www-form-urlencoded' }, form: 'action=delete' })).status).toBe(422)
    expect((await world.call('POST', path, { body: { action: 'acknowledge' } })).status).toBe(415)
    expect(await alerts('')).toMatchObject([{ state: 'firing' }])
  })
})

describe('calls of providers', () => {
  test('what Twilio hands on of an answer is heeded with its signature over the public address, and refused without', async () => {
    const authToken = '0123456789abcdef0123456789abcdef'
    world = await serverWorld({
      publicUrl: 'https://tocsin.example.com', people,
      channels: { oncall: { type: 'sms', accountSid: `AC${'a'.repeat(32)}`, authToken, from: '+15005550006' } },
    })
    const form = { Body: 'STOP', From: '+13125550123', MessageSid: `SM${'b'.repeat(32)}`, SmsStatus: 'received', To: '+15005550006' }
    const url = 'https://tocsin.example.com/callbacks/oncall'
    const signature = createHmac('sha1', authToken).update(url + Object.entries(form).map(([name, value]) => name + value).join('')).digest('base64')
    const text = new URLSearchParams(form).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await world.call('POST', '/callbacks/oncall', { headers: { ...headers, 'x-twilio-signature': signature }, form: text })).status).toBe(204)
    expect(await world.store.transaction((tx) => tx.optOuts([{ project: 'default', channelType: 'sms', address: '+13125550123' }]))).toEqual([expect.any(Number)])
    expect((await world.call('POST', '/callbacks/default/oncall', { headers: { ...headers, 'x-twilio-signature': signature }, form: text })).status).toBe(403)
    expect((await world.call('POST', '/callbacks/oncall', { headers, form: text })).status).toBe(403)
    expect((await world.call('POST', '/callbacks/nobody', { headers, form: text })).status).toBe(404)
    // As soon as two have such a channel, only an address with the project in it says whose it is.
    const key = await world.makeKey('manage')
    await (await ownerOf(world)).call('POST', '/api/v1/projects', { body: { name: 'other' } })
    await world.call('PUT', '/api/v1/channels/oncall?project=other', { key, body: { type: 'inbox' } })
    expect(await world.call('POST', '/callbacks/oncall', { headers: { ...headers, 'x-twilio-signature': signature }, form: text })).toMatchObject({ status: 409, text: expect.stringMatching(/^(?!.*other)/) as string })
    const named = createHmac('sha1', authToken).update(url.replace('/oncall', '/default/oncall') + Object.entries(form).map(([name, value]) => name + value).join('')).digest('base64')
    expect((await world.call('POST', '/callbacks/default/oncall', { headers: { ...headers, 'x-twilio-signature': named }, form: text })).status).toBe(204)
  })
})
