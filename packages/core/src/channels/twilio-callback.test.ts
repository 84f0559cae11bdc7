import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readTwilioCall, statusCallbackFor } from './twilio-callback.ts'

const token = '12345'
const sid = `SM${'a'.repeat(32)}`
const callback = statusCallbackFor('https://hooks.example.com/twilio/oncall?x=1', 'tocsin-default-7-abc')

/** As Twilio writes it down, by itself: nothing of what is tested makes it. */
function signed(url: string, form: Readonly<Record<string, string>>, key = token): { readonly url: string; readonly headers: Readonly<Record<string, string>>; readonly body: string } {
  const said = url + Object.keys(form).toSorted().map((name) => `${name}${form[name] ?? ''}`).join('')
  return { url, headers: { 'x-twilio-signature': createHmac('sha1', key).update(said).digest('base64') }, body: new URLSearchParams(form).toString() }
}

const statusForm = (status: string, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => ({
  SmsSid: sid, SmsStatus: status, MessageStatus: status, To: '+13125550123', MessageSid: sid, AccountSid: `AC${'1'.repeat(32)}`, From: '+15005550006', ApiVersion: '2010-04-01', ...more,
})

test('the example of the provider’s own documentation is believed', () => {
  const request = {
    url: 'https://example.com/myapp.php?foo=1&bar=2',
    headers: { 'x-twilio-signature': 'L/OH5YylLD5NRKLltdqwSvS0BnU=' },
    body: new URLSearchParams({ CallSid: 'CA1234567890ABCDE', Caller: '+14158675310', Digits: '1234', From: '+14158675310', To: '+18005551212' }).toString(),
  }
  expect(readTwilioCall(request, token)).toEqual({ kind: 'nothing' })
  expect(readTwilioCall({ ...request, body: request.body.replace('1234', '1235') }, token)).toEqual({ kind: 'forged' })
})

describe('what became of a message', () => {
  const about = { kind: 'status', messageId: 'tocsin-default-7-abc', providerId: sid }

  test.each([
    ['delivered', undefined, 'arrived'],
    ['read', undefined, 'arrived'],
    ['undelivered', '30005', { kind: 'bad-address', code: '30005', detail: 'undelivered with 30005, says the provider' }],
    ['failed', '30006', { kind: 'bad-address', code: '30006', detail: 'failed with 30006, says the provider' }],
    ['failed', '21610', { kind: 'bad-address', code: 'opted-out', detail: 'failed with 21610, says the provider' }],
    ['undelivered', '30007', { kind: 'bad-content', code: '30007', detail: 'undelivered with 30007, says the provider' }],
    ['undelivered', '30003', { kind: 'retry', code: '30003', detail: 'undelivered with 30003, says the provider' }],
    ['undelivered', undefined, { kind: 'retry', code: 'undelivered', detail: 'undelivered, says the provider' }],
    ['canceled', undefined, { kind: 'retry', code: 'canceled', detail: 'canceled, says the provider' }],
  ])('%s %s', (status, code, outcome) => {
    expect(readTwilioCall(signed(callback, statusForm(status, code === undefined ? {} : { ErrorCode: code })), token)).toEqual({ ...about, outcome })
  })

  test.each(['queued', 'sending', 'sent', 'accepted', 'scheduled', 'something new'])('%s says nothing yet', (status) => {
    expect(readTwilioCall(signed(callback, statusForm(status)), token)).toEqual({ kind: 'nothing' })
  })

  test('that is none of ours says nothing', () => {
    expect(readTwilioCall(signed('https://hooks.example.com/twilio', statusForm('delivered')), token)).toEqual({ kind: 'nothing' })
  })
})

describe('an answer', () => {
  const inbound = (body: string, more: Readonly<Record<string, string>> = {}): ReturnType<typeof signed> => signed('https://hooks.example.com/in', { SmsSid: sid, SmsStatus: 'received', MessageSid: sid, From: '+13125550123', To: '+15005550006', Body: body, NumMedia: '0', ...more })

  test('is whose it is and what it says', () => {
    expect(readTwilioCall(inbound('Stop 退订 + & ='), token)).toEqual({ kind: 'reply', address: '+13125550123', text: 'Stop 退订 + & =' })
  })

  test('is what the provider takes it for, where it says so', () => {
    expect(readTwilioCall(inbound('arret', { OptOutType: 'STOP' }), token)).toEqual({ kind: 'reply', address: '+13125550123', text: 'STOP' })
  })
})

describe('a signature', () => {
  const good = signed(callback, statusForm('delivered'))

  test('over another address, other parameters, by another key or none is not believed', () => {
    const without = { ...good, headers: {} }
    const changed = [without, { ...good, url: good.url.replace('-7-', '-8-') }, { ...good, url: `${good.url}&y=1` }, { ...good, body: `${good.body}&ErrorCode=30005` }, { ...good, body: good.body.replaceAll('delivered', 'failed') }, signed(callback, statusForm('delivered'), 'another'), { ...good, headers: { 'x-twilio-signature': '' } }, { ...good, url: 'nowhere' }, { ...good, body: `${good.body}&a=${'x'.repeat(70_000)}` }]
    for (const request of changed) expect(readTwilioCall(request, token)).toEqual({ kind: 'forged' })
    fc.assert(fc.property(fc.base64String(), (signature) => {
      expect(readTwilioCall({ ...good, headers: { 'x-twilio-signature': signature } }, token)).toEqual({ kind: 'forged' })
    }))
  })

  test('is believed with the usual port and without it', () => {
    const address = 'https://hooks.example.com/a?tocsin=m'
    const withPort = 'https://hooks.example.com:443/a?tocsin=m'
    for (const [called, seen] of [[address, withPort], [withPort, address], ['https://hooks.example.com/a?tocsin=m', 'https://hooks.example.com:8443/a?tocsin=m']] as const) {
      expect(readTwilioCall({ ...signed(called, statusForm('delivered')), url: seen }, token)).toMatchObject({ kind: 'status' })
    }
  })

  test('is never a reason to fail, whatever comes', () => {
    fc.assert(fc.property(fc.string(), fc.string(), fc.string(), (url, body, signature) => {
      expect(readTwilioCall({ url, body, headers: { 'x-twilio-signature': signature } }, token)).toEqual({ kind: 'forged' })
    }))
  })
})
