import type { ChannelWorld, SuiteWorld } from '../channel-suite.ts'
import { fcmCode, fcmError, startFcmServer } from '../fcm-server.ts'
import type { HttpFault } from '../http-provider.ts'
import { hangMs, httpFaults, planned, type Planned } from './planned.ts'

const violation = (field: string): object => ({ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: [{ field, description: 'Invalid' }] })

const faults: readonly Planned<HttpFault>[] = [
  ...httpFaults,
  ['a token of a device that is gone (UNREGISTERED) is a bad address', { reply: fcmError(404, 'NOT_FOUND', 'Requested entity was not found.', [fcmCode('UNREGISTERED')]) }, 'bad-address', 'UNREGISTERED'],
  ['a token that is none (INVALID_ARGUMENT at message.token) is a bad address', { reply: fcmError(400, 'INVALID_ARGUMENT', 'Invalid registration token', [fcmCode('INVALID_ARGUMENT'), violation('message.token')]) }, 'bad-address', 'INVALID_ARGUMENT'],
  ['a token that is none, in words alone, is a bad address', { reply: fcmError(400, 'INVALID_ARGUMENT', 'The registration token is not a valid FCM registration token', [fcmCode('INVALID_ARGUMENT')]) }, 'bad-address', 'INVALID_ARGUMENT'],
  ['another argument that is not taken is bad content', { reply: fcmError(400, 'INVALID_ARGUMENT', 'Invalid value', [violation('message.data[0].value')]) }, 'bad-content', 'INVALID_ARGUMENT'],
  ['an argument that is not named is bad content', { reply: fcmError(400, 'INVALID_ARGUMENT', 'Message too big', [fcmCode('INVALID_ARGUMENT')]) }, 'bad-content', 'INVALID_ARGUMENT'],
  ['a token of another project (SENDER_ID_MISMATCH) is a wrong channel', { reply: fcmError(403, 'PERMISSION_DENIED', 'SenderId mismatch', [fcmCode('SENDER_ID_MISMATCH')]) }, 'bad-config', 'SENDER_ID_MISMATCH'],
  ['keys of Apple that are not taken (THIRD_PARTY_AUTH_ERROR) are a wrong channel', { reply: fcmError(401, 'UNAUTHENTICATED', 'Auth error from APNS', [fcmCode('THIRD_PARTY_AUTH_ERROR')]) }, 'bad-config', 'THIRD_PARTY_AUTH_ERROR'],
  ['an API that is not switched on (403) is a wrong channel', { reply: fcmError(403, 'PERMISSION_DENIED', 'API has not been used') }, 'bad-config', 'PERMISSION_DENIED'],
  ['a project that is gone (404) is a wrong channel', { reply: fcmError(404, 'NOT_FOUND', 'Requested entity was not found.') }, 'bad-config', 'NOT_FOUND'],
  ['a quota that is used up (QUOTA_EXCEEDED) waits a minute', { reply: fcmError(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded', [fcmCode('QUOTA_EXCEEDED')]) }, 'retry', 'QUOTA_EXCEEDED', { afterMs: 60_000 }],
  ['a quota that is used up waits as long as it says', { reply: { ...fcmError(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded', [fcmCode('QUOTA_EXCEEDED')]), headers: { 'retry-after': '9' } } }, 'retry', 'QUOTA_EXCEEDED', { afterMs: 9_000 }],
  ['a service that is down (UNAVAILABLE) is tried later', { reply: fcmError(503, 'UNAVAILABLE', 'The service is currently unavailable.', [fcmCode('UNAVAILABLE')]) }, 'retry', 'UNAVAILABLE'],
  ['a failing service (INTERNAL) is tried later', { reply: fcmError(500, 'INTERNAL', 'Internal error encountered.', [fcmCode('INTERNAL')]) }, 'retry', 'INTERNAL'],
  ['a success that is not the provider’s own (200, garbage) is in doubt', { reply: { status: 200, body: '<html>Welcome to the airport' } }, 'in-doubt', '200'],
  ['an answer without end is cut off and in doubt', { endless: 'fast' }, 'in-doubt', '200'],
  ['an answer too slow is cut off and in doubt', { endless: 'slow' }, 'in-doubt', undefined, { deadlineMs: hangMs }],
  ['a redirect is not followed: the channel is wrong', { reply: { status: 307, headers: { location: 'https://example.com/' } } }, 'bad-config', '307'],
]

async function start(): Promise<ChannelWorld> {
  const server = await startFcmServer()
  return {
    settings: { serviceAccount: server.serviceAccount, apiBase: server.apiBase, tokenUri: server.tokenUri, ca: server.ca },
    // A line from the middle: the text of the file holds the key with its line breaks escaped.
    secrets: [server.privateKey.split('\n')[3] ?? ''],
    address: `${'d'.repeat(22)}:APA91b${'x'.repeat(128)}4c1e`,
    faults: planned(faults, (fault) => server.fail(fault)),
    refuse: (words) => server.fail({ reply: fcmError(400, 'INVALID_ARGUMENT', words, [violation('message.data')]) }),
    received: () => server.messages.map(({ token, notification: { title, body = '' }, android: { notification: { tag } } }) => ({ to: token, subject: title, text: body, repeatId: tag })),
    close: () => server.close(),
  }
}

export const push: SuiteWorld = { faults, start }
