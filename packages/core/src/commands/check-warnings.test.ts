import { expect, test } from 'vitest'
import { makeBrowser } from '../testing/browser.ts'
import { configurationFrom } from '../configuration.ts'
import { makeAccountKey } from '../testing/fcm-server.ts'
import { vapid } from './vapid.ts'
import { warningsOf } from './check-warnings.ts'

test('the path of a key file is no secret in clear, and its text is one', () => {
  const said = (serviceAccount: string): readonly string[] => {
    const text = `channels:\n  phones:\n    type: push\n    serviceAccount: ${JSON.stringify(serviceAccount)}\n`
    const account = { type: 'service_account', project_id: 'test-1234', client_email: 'a@b', private_key: makeAccountKey() }
    const config = configurationFrom({ channels: { phones: { type: 'push', serviceAccount: JSON.stringify(account) } } }, [], {})
    return warningsOf(config, text, 'tocsin.yaml').map(({ sentence }) => sentence).filter((sentence) => sentence.includes('secret'))
  }
  expect(said('./keys/firebase.json')).toEqual([])
  expect(said('${FIREBASE}')).toEqual([])
  expect(said('{"type": "service_account"}')).toEqual(['tocsin.yaml:4 channels.phones.serviceAccount: a secret in clear; write "${PHONES_SERVICE_ACCOUNT}" and set it in the environment'])
})

test('a subscription that leads into the house is told before a message is', () => {
  const subscription = (host: string): unknown => JSON.parse(makeBrowser(`https://${host}/x`).subscription)
  const config = configurationFrom(
    {
      channels: { browsers: { type: 'web-push', subject: 'mailto:ops@example.com', ...vapid().value } },
      people: { dana: { role: 'admin', webPush: [subscription('127.0.0.1'), subscription('push.example.net')] as never } }, // as a file holds them, not yet parsed
    },
    [],
    {},
  )
  const about = warningsOf(config, 'people: { dana: {} }', 'tocsin.yaml').filter(({ path }) => path.startsWith('people'))
  expect(about).toMatchObject([{ path: 'people.dana.webPush', text: expect.stringMatching(/^not told by browsers: expected a public address or one in allowNetworks, found: this machine$/) as string }])
})

test('a number of a country that is not allowed, and a language that there is not yet, are told before a message is', () => {
  const config = configurationFrom(
    {
      channels: { texts: { type: 'sms', accountSid: `AC${'0'.repeat(32)}`, authToken: 'not-a-token', from: '+15005550006', countries: ['US'] } },
      people: { dana: { role: 'admin', phone: '+8613800000000', locale: 'zh-TW' }, lee: { role: 'admin', phone: '+14155550101', locale: 'en-GB' }, kim: { role: 'admin', phone: '+14155550102', locale: 'de' } },
    },
    [],
    {},
  )
  const about = warningsOf(config, 'people:\n  dana:\n    phone: x\n    locale: zh-TW\n', 'tocsin.yaml').filter(({ path }) => path.startsWith('people'))
  expect(about.map(({ sentence }) => sentence)).toEqual([
    'tocsin.yaml:1 people.kim.locale: messages are not in de yet: told in en; there are en, zh-CN',
    'tocsin.yaml:3 people.dana.phone: not told by texts: a number of CN: countries allows US',
    'tocsin.yaml:4 people.dana.locale: messages are not in zh-TW yet: told in zh-CN; there are en, zh-CN',
  ])
})

test('a step to nobody, a report that reaches nobody, and two routes of one name are named', () => {
  const config = configurationFrom(
    {
      channels: { wall: { type: 'inbox' }, mail: { type: 'email', url: 'smtps://user:pass@smtp.example.com', from: 'Tocsin <noreply@example.com>' } },
      people: { dana: { role: 'admin', email: 'dana@example.com' }, lee: { role: 'developer' } },
      routes: [
        { name: 'all', to: ['dana', 'lee'], via: ['wall'], escalate: [{ after: '10m', to: ['role:billing'] }, { after: '10m', to: ['lee'], via: ['mail'] }, { after: '10m', to: ['dana'] }] },
        { name: 'all', match: "alert.kind == 'cost'", to: ['dana'], via: ['mail'] },
      ],
      reports: [{ name: 'week', to: ['role:viewer', 'lee'], via: { first: ['mail', 'wall'] } }],
    },
    [],
    {},
  )
  expect(warningsOf(config, '{}', 'tocsin.yaml').map(({ path, text }) => `${path}: ${text}`)).toEqual([
    'routes.1.name: "all" is the name of an earlier route: messages and decisions do not say which',
    'routes.0.escalate.0.to.0: nobody has the role "billing"',
    'routes.0.escalate.1.to.0: lee has no email for mail: never told by this step',
    'reports.0.to.0: nobody has the role "viewer"',
    'reports.0.to.1: lee has no email for mail',
  ])
})
