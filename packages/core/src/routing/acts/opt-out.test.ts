import { expect, test } from 'vitest'
import { replyMeans } from './opt-out.ts'

test.each([...['STOP', 'stop', ' Stop. ', 'STOPALL', 'Unsubscribe', 'cancel', 'End', 'QUIT', 'revoke', 'OptOut', '退订', '退订。', 'ＳＴＯＰ'].map((text) => [text, 'stop'] as const), ...['START', 'yes', 'Unstop!'].map((text) => [text, 'start'] as const)])('%j means %s', (text, means) => {
  expect(replyMeans(text)).toBe(means)
})

test.each(['', ' ', 'STOP PLEASE', 'please stop', 'stopped', 'HELP', 'ok', 'ack', 'yes please', 'end of day', '不要退订'])('%j means nothing: only a word that stands alone does', (text) => {
  expect(replyMeans(text)).toBe('nothing')
})
