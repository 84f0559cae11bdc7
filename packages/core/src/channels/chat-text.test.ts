import { describe, expect, test } from 'vitest'
import { chatMessage, hostile } from '../testing/chat-messages.ts'
import { chatLinks, chatText, fitFacts, fitPieces, fitText, type Piece } from './chat-text.ts'

const family = '👩‍👩‍👧'
const line = (text: string): Piece => ({ kind: 'line', text })
const asItIs = (text: string): string => text

describe('a message in the pieces of a chat', () => {
  test('is its subject, what happened, what was said, the news of a list, then the small print', () => {
    const chat = chatText(chatMessage({ lines: ['one', 'two'], quotes: ['said'], items: [{ time: '14:02', title: 'first' }], moreItems: 'and 12 more', notes: ['note'], why: 'why' }))
    expect(chat.title).toBe('[High] Session failed: refund-bot, OpenAI quota used up')
    expect(chat.pieces).toEqual([line('one'), line('two'), { kind: 'quote', text: 'said' }, { kind: 'item', text: '14:02 first' }])
    expect(chat.small).toEqual(['and 12 more', 'note', 'why'])
  })

  test('tells the heading whole where the subject is cut', () => {
    const heading = 'Session failed: a name that is so long that no subject of 78 characters can hold it'
    expect(chatText(chatMessage({ heading, lines: ['one'] })).pieces).toEqual([line(heading), line('one')])
  })

  test('is its plain text where it has no card', () => {
    const { card: _card, ...message } = chatMessage()
    expect(chatText({ ...message, text: 'plain\r\nform' })).toMatchObject({ title: message.subject, pieces: [line('plain\nform')], facts: [], small: [], links: [] })
  })

  test('holds no control characters and no marks that turn the direction, in any of its pieces', () => {
    const bad = 'a\u0007b\u202ec\u2066d\u200fe\u001b[31m'
    const chat = chatText(chatMessage({ heading: bad, lines: [`${bad}\u2028${hostile}`], quotes: [bad], facts: [{ label: bad, value: `${bad}\nx` }], items: [{ time: bad, title: `${bad}\nx` }], notes: [bad] }, { subject: `${bad}\r\nx` }))
    expect(JSON.stringify(chat)).not.toMatch(/\\u00|\u202e|\u2066|\u200f|\u2028|\u202c/)
    expect(chat.title).toBe('abcde[31m x')
    expect(chat.facts[0]).toEqual({ label: 'abcde[31m', value: 'abcde[31m x' })
  })
})

describe('what does not fit', () => {
  test.each([
    [family.repeat(20), 40],
    [family.repeat(20), 41],
    ['e\u0301'.repeat(50), 33],
    ['🇩🇪'.repeat(40), 50],
    ['会话失败'.repeat(30), 40],
  ])('%s is cut to %i between visible characters, with how much is left out', (text, charsMax) => {
    const cut = fitText(text, charsMax)
    expect(cut.length).toBeLessThanOrEqual(charsMax)
    const [, kept = '', left = ''] = /^(.*)… \(\+(\d+)\)$/u.exec(cut) ?? []
    expect(text.startsWith(kept)).toBe(true)
    expect(kept.length + Number(left)).toBe(text.length)
    const graphemes = (some: string): string[] => [...new Intl.Segmenter('en').segment(some)].map(({ segment }) => segment)
    expect(graphemes(text).slice(0, graphemes(kept).length).join('')).toBe(kept)
    // No more is cut than has to be.
    expect(cut.length).toBeGreaterThan(charsMax - 16)
  })

  test('is measured as it is written, escapes included, and no escape is torn', () => {
    const cut = fitText('<'.repeat(100), 60, (text) => text.replaceAll('<', '&lt;'))
    expect(cut).toMatch(/^(&lt;)+… \(\+\d+\)$/)
    expect(cut.length).toBeLessThanOrEqual(60)
  })

  test.each([16, 17, 50, 99, 100, 101, 102, 116, 117, 118, 200])('pieces of 100 characters fit into %i', (charsMax) => {
    const pieces = [line('a'.repeat(100)), line('b'.repeat(100))]
    const written = fitPieces(pieces, charsMax, asItIs).join('\n')
    expect(written.length).toBeLessThanOrEqual(charsMax)
    expect(Number(/\(\+(\d+)\)$/.exec(written)?.[1]) + written.replaceAll(/[^ab]/g, '').length).toBe(200)
    expect(fitPieces(pieces, 201, asItIs)).toEqual(pieces.map(({ text }) => text))
  })

  test('of a list is left out by whole lines, and they are counted', () => {
    const items = Array.from({ length: 50 }, (_, index): Piece => ({ kind: 'item', text: `14:02 alert number ${index}` }))
    const written = fitPieces(items, 200, (text, kind) => (kind === 'item' ? `- ${text}` : text))
    expect(written.join('\n').length).toBeLessThanOrEqual(200)
    expect(written.at(-1)).toBe(`… (+${50 - (written.length - 1)})`)
    expect(written[0]).toBe('- 14:02 alert number 0')
  })

  test('is told in the words of the reader, where the message brings them', () => {
    const { pieces, cutNote } = chatText(chatMessage({ lines: ['x'.repeat(100)], cutNote: '……（还有 {} 未显示）' }))
    expect(fitPieces(pieces, 60, asItIs, cutNote).join('\n')).toBe(`${'x'.repeat(47)}……（还有 53 未显示）`)
    for (const wrong of ['no count', `{}${'x'.repeat(100)}`]) expect(chatText(chatMessage({ cutNote: wrong })).cutNote).toBe('… (+{})')
    const items = chatText(chatMessage({ lines: [], items: Array.from({ length: 50 }, (_, index) => ({ time: '14:02', title: `alert number ${index}` })), cutNote: '… ({} more not shown)' }))
    const written = fitPieces(items.pieces, 200, asItIs, items.cutNote)
    expect(written.join('\n').length).toBeLessThanOrEqual(200)
    expect(written.at(-1)).toBe(`… (${50 - (written.length - 1)} more not shown)`)
  })

  test('of facts is counted in a last one', () => {
    const facts = Array.from({ length: 9 }, (_, index) => ({ label: `Fact ${index}`, value: 'v'.repeat(20) }))
    expect(fitFacts(facts, { countMax: 4, labelCharsMax: 20, valueCharsMax: 50, charsMax: 1_000 }).map(({ label, value }) => `${label} ${value}`).at(-1)).toBe('… +6')
    expect(fitFacts(facts, { countMax: 20, labelCharsMax: 20, valueCharsMax: 50, charsMax: 60 })).toHaveLength(3)
    expect(fitFacts(facts, { countMax: 20, labelCharsMax: 20, valueCharsMax: 18, charsMax: 1_000 })[0]?.value).toBe('vvvvvvvvvvvv… (+8)')
    expect(fitFacts([], { countMax: 4, labelCharsMax: 20, valueCharsMax: 50, charsMax: 0 })).toEqual([])
  })
})

test('a link that only this network knows, or that is too long, is text and no button, for chats refuse the whole message', () => {
  const limits = { wordCharsMax: 20, urlCharsMax: 60 }
  const urls = ['https://tocsin.example.com/a', 'http://localhost:4319/a', 'http://127.0.0.1/a', 'https://[2001:db8::1]/a', 'https://tocsin/a', 'http://tocsin.internal/a', 'javascript:alert(1)', `https://example.com/${'x'.repeat(60)}`]
  const { buttons, lines } = chatLinks(urls.slice(0, 5).map((url) => ({ word: 'Open', url })), limits)
  expect(buttons).toEqual([{ word: 'Open', url: urls[0] }])
  expect(lines).toEqual(urls.slice(1, 5).map((url) => `Open: ${url}`))
  expect(chatLinks(urls.slice(5).map((url) => ({ word: 'Open', url })), limits).buttons).toEqual([])
})
