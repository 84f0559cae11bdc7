import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { callFailed, closeWorlds, engineWorld, type EngineWorld } from './testing/engine-world.ts'
import { startSlackServer, type SlackStandIn } from './testing/slack-server.ts'

const signingSecret = '8f742231b10e8888abcd99yyyzzz85a5'.replaceAll(/[yz]/g, '0')

let slack: SlackStandIn
beforeEach(async () => {
  slack = await startSlackServer()
})
afterEach(async () => {
  await closeWorlds()
  await slack.close()
})

async function told(): Promise<EngineWorld> {
  const world = engineWorld({
    publicUrl: 'https://t.example.com',
    channels: { room: { type: 'slack', botToken: slack.botToken, channel: 'C024BE91L', apiBase: slack.apiBase, ca: slack.ca, signingSecret } },
    people: { dana: { role: 'admin' }, vera: { role: 'viewer', slack: 'U024BE7LV' }, lee: { role: 'developer', slack: 'U024BE7LH' } },
    rules: { 'model-failed': false, failing: { on: 'llm.call', when: "event.status == 'error'", severity: 'high', quiet: '10d' } },
    routes: [{ to: ['dana'], via: ['room'] }],
  }, [])
  await world.engine.accept([callFailed('one', world.clock.nowMs())])
  await world.tick(2_000)
  return world
}

interface Button {
  readonly action_id: string
  readonly value?: string | undefined
  readonly url?: string | undefined
}

function buttons(): readonly Button[] {
  return slack.messages[0]?.blocks.flatMap((block) => (block.type === 'actions' ? block.elements : [])) ?? []
}

/** As Slack posts it when somebody presses a button. */
function press(world: EngineWorld, button: Button | undefined, user: string, { key = signingSecret, lateMs = 0 } = {}) {
  const payload = { type: 'block_actions', user: { id: user, username: 'somebody' }, response_url: 'https://hooks.slack.com/actions/x', actions: [{ type: 'button', ...button, action_ts: '1' }] }
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString()
  const timestamp = String(Math.floor((world.clock.nowMs() - lateMs) / 1_000))
  const signature = `v0=${createHmac('sha256', key).update(`v0:${timestamp}:${body}`).digest('hex')}`
  return world.engine.acting.receive('room', { url: 'https://t.example.com/callbacks/room', headers: { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature }, body })
}

test('with a signing secret what a reader can do is a button that tells us, and the rest stay links', async () => {
  await told()
  expect(buttons().map(({ action_id, url, value }) => [action_id, url === undefined, value === undefined])).toEqual([
    ['open-0', false, true],
    ['tocsin.acknowledge', true, false],
    ['tocsin.snooze', true, false],
  ])
})

test('whoever presses it acts in their own name, and the message shows who has it', async () => {
  const world = await told()
  expect(await press(world, buttons()[1], 'U024BE7LH')).toBe('recorded')
  expect(await world.store.read.alert(1)).toMatchObject({ state: 'acknowledged', taken: { by: 'lee' } })
  await world.at(5_000)
  expect(slack.messages[0]?.edits).toBe(1)
  expect(JSON.stringify(slack.messages[0]?.blocks)).toContain('lee')
})

test('a role that may only look changes nothing by it, and neither does who is not Slack', async () => {
  const world = await told()
  expect(await press(world, buttons()[1], 'U024BE7LV')).toBe('nothing')
  expect(await press(world, buttons()[1], 'U024BE7LH', { key: '0'.repeat(32) })).toBe('forged')
  expect(await press(world, buttons()[1], 'U024BE7LH', { lateMs: 301_000 })).toBe('forged')
  expect(await press(world, { action_id: 'tocsin.resolve', value: buttons()[1]?.value }, 'U024BE7LH')).toBe('nothing')
  expect(await press(world, { action_id: 'open-0', url: 'https://t.example.com/' }, 'U024BE7LH')).toBe('nothing')
  expect(await world.store.read.alert(1)).toMatchObject({ state: 'firing' })
})

test('whoever is not in the configuration acts as the reader that the message was for', async () => {
  const world = await told()
  expect(await press(world, buttons()[1], 'U0STRANGER')).toBe('recorded')
  expect(await world.store.read.alert(1)).toMatchObject({ state: 'acknowledged', taken: { by: 'room' } })
})
