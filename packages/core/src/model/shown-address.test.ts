import { expect, test } from 'vitest'
import { shownAddress, withShownAddress } from './shown-address.ts'

const subscription = JSON.stringify({ endpoint: 'https://fcm.googleapis.com/fcm/send/dJ2-half-secret', keys: { p256dh: 'BCVxsr7N_eNg', auth: 'BTBZMqHH6r4Tts7J_aSIgg' } })

test('of a device only so much is shown that it can be told from others', () => {
  expect(shownAddress(subscription)).toMatch(/^fcm\.googleapis\.com #[0-9a-f]{6}$/)
  expect(shownAddress(subscription)).not.toBe(shownAddress(subscription.replace('half-secret', 'other')))
  expect(shownAddress('{"endpoint":"https://me:word@host/x"}')).toMatch(/^subscription #[0-9a-f]{6}$/)
  expect(shownAddress('{')).toMatch(/^subscription #[0-9a-f]{6}$/)
  expect(shownAddress(`${'c'.repeat(22)}:APA91b${'x'.repeat(128)}9f4c1e`)).toBe('token …9f4c1e')
})

test('a conversation holds no more of it', () => {
  expect(withShownAddress('POST https://fcm.googleapis.com/fcm/send/dJ2-half-secret HTTP', subscription)).toBe('POST https://fcm.googleapis.com/… HTTP')
  const token = `${'c'.repeat(22)}:APA91b9f4c1e`
  expect(withShownAddress(`{"token":"${token}"}`, token)).toBe('{"token":"token …9f4c1e"}')
  expect(withShownAddress('RCPT TO:<dana@example.com>', 'dana@example.com')).toBe('RCPT TO:<dana@example.com>')
})

test.each(['dana@example.com', 'a-very-long-name-of-somebody@example.com', '+8613800000000', 'U024BE7LH', '-1001234567890', '@a_channel_with_a_long_name_of_32c', ''])('%j is shown as it is', (address) => {
  expect(shownAddress(address)).toBe(address)
})
