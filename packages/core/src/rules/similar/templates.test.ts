import { expect, test } from 'vitest'
import { branchText, learn, readBranch, type Branch } from './templates.ts'
import { wordsOf } from './words.ts'
import { cpuMs } from '../../testing/cpu-time.ts'

const empty: Branch = { nextId: 1, templates: [] }
const hourMs = 3_600_000

function learnAll(texts: readonly string[], nowMs = 0): { readonly ids: readonly string[]; readonly branches: ReadonlyMap<number, Branch> } {
  const branches = new Map<number, Branch>()
  const ids = texts.map((text) => {
    const words = wordsOf(text)
    // Read back each time, as another process would.
    const { template, branch } = learn(readBranch(branchText(branches.get(words.length) ?? empty)), words, nowMs)
    branches.set(words.length, branch)
    return `${words.length}.${template.id}`
  })
  return { ids, branches }
}

/** As providers word them; each group is of one kind. */
const kinds: readonly (readonly string[])[] = [
  [
    'Rate limit reached for gpt-5 in organization org-Ab12Cd34Ef56 on tokens per min (TPM): Limit 30000, Used 29871, Requested 1204. Please try again in 2.15s. Visit https://platform.openai.com/account/rate-limits to learn more.',
    'Rate limit reached for gpt-5-mini in organization org-Ab12Cd34Ef56 on tokens per min (TPM): Limit 200000, Used 199120, Requested 3412. Please try again in 759ms. Visit https://platform.openai.com/account/rate-limits to learn more.',
  ],
  [
    'Rate limit reached for gpt-5 in organization org-Ab12Cd34Ef56 on requests per min (RPM): Limit 500, Used 500, Requested 1. Please try again in 120ms.',
  ],
  [
    '429 {"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed your organization’s rate limit of 40,000 input tokens per minute."},"request_id":"req_011CRtZ8vX2mYk4bN7cQ9wEp"}',
    '429 {"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed your organization’s rate limit of 80,000 input tokens per minute."},"request_id":"req_011CSaB3dF5gH7jK9mN1pQr2"}',
  ],
  ['529 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_011CRtZ8vX2mYk4bN7cQ9wEp"}'],
  [
    'The server had an error processing your request. Sorry about that! (Please include the request ID req_9f8e7d6c5b4a39281706f5e4d3c2b1a0 in your message.)',
    'The server had an error processing your request. Sorry about that! (Please include the request ID req_00aa11bb22cc33dd44ee55ff66aa77bb in your message.)',
  ],
  ['The model `gpt-9` does not exist or you do not have access to it.', 'The model `o7-mini` does not exist or you do not have access to it.'],
  ["This model's maximum context length is 128000 tokens. However, your messages resulted in 131072 tokens. Please reduce the length of the messages.", "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens. Please reduce the length of the messages."],
  ['Incorrect API key provided: [REDACTED:openai-key:1a2b3c4d]. You can find your API key at https://platform.openai.com/account/api-keys.', 'Incorrect API key provided: [REDACTED:openai-key:99ffee00]. You can find your API key at https://platform.openai.com/account/api-keys.'],
  ['You exceeded your current quota, please check your plan and billing details.'],
  ['connect ECONNREFUSED 10.0.0.3:5432', 'connect ECONNREFUSED 10.0.12.9:5432', 'connect ECONNREFUSED 127.0.0.1:8080'],
  ['connect ETIMEDOUT 10.0.0.3:443'],
  ['Request timed out after 60000 ms', 'Request timed out after 30 s', 'Request timed out after 1m30s ms'],
  ['no customer with id 8f14e45f-ceea-467f-9c3d-1b2e8a7d6c5f', 'no customer with id 3c59dc04-8e88-450d-8d4b-aa12bb34cc56'],
  ['no customer called "Dana Meyer" in region eu', 'no customer called "Eve" in region us'],
  ['duplicate key value violates unique constraint "orders_pkey"', 'duplicate key value violates unique constraint "users_email_key"'],
  ['请求过于频繁，请在 20 秒后重试。请求编号：req-8842ab', '请求过于频繁，请在1秒后重试。请求编号：req-9910cd'],
  ['账户余额不足，请充值后再试'],
]

test('messages of one kind get one template, and of different kinds different ones, in whatever order they come', () => {
  const texts = kinds.flat()
  for (const order of [texts, texts.toReversed(), texts.toSorted()]) {
    const { ids } = learnAll(order)
    const found = kinds.map((kind) => [...new Set(kind.map((text) => ids[order.indexOf(text)]))])
    expect(found.filter((one) => one.length > 1)).toEqual([])
    expect(new Set(found.flat()).size).toBe(kinds.length)
  }
})

test('words that differ become a wildcard, and the number of a template stays', () => {
  const first = learn(empty, ['user', 'dana', 'has', 'no', 'open', 'order'], 0)
  const second = learn(first.branch, ['user', 'eve', 'has', 'no', 'open', 'order'], 0)
  expect(second.template).toEqual({ id: first.template.id, words: ['user', '<*>', 'has', 'no', 'open', 'order'], usedHour: 0 })
  const third = learn(second.branch, ['user', 'lee', 'has', 'no', 'open', 'order'], 0)
  expect(third.template.id).toBe(first.template.id)
  expect(third.branch).toBe(second.branch)
})

test('half of the words is not similar, nor is another first word', () => {
  const { branch } = learn(empty, ['connection', 'refused'], 0)
  expect(learn(branch, ['connection', 'reset'], 0).template.id).toBe(2)
  const longer = learn(empty, ['the', 'tool', 'could', 'not', 'be', 'found'], 0).branch
  expect(learn(longer, ['a', 'tool', 'could', 'not', 'be', 'found'], 0).template.id).toBe(2)
})

test('what was not used for longest is forgotten, and its number is not given again', () => {
  let branch = empty
  for (let number = 0; number < 200; number += 1) branch = learn(branch, [`first${number}`, 'word'], number * hourMs).branch
  expect(branch.templates).toHaveLength(200)
  branch = learn(branch, ['first0', 'word'], 500 * hourMs).branch
  branch = learn(branch, ['one', 'more'], 501 * hourMs).branch
  expect(branch.templates).toHaveLength(200)
  expect(branch.templates.map(({ id }) => id)).toContain(1)
  expect(branch.templates.map(({ id }) => id)).not.toContain(2)
  expect(learn(branch, ['first1', 'word'], 501 * hourMs).template.id).toBe(202)
})

test('the text of a branch keeps to what a rule may keep, however long its words are', () => {
  let branch = empty
  for (let number = 0; number < 100; number += 1) branch = learn(branch, [`${number}`.padEnd(450, 'x'), '"\\'], number * hourMs).branch
  expect(branchText(branch).length).toBeLessThan(16_000)
  expect(branch.templates.length).toBeGreaterThan(20)
})

test('what was kept by something else begins anew', () => {
  for (const text of ['', '{', '[]', '{"n":0,"t":[]}', '{"n":2,"t":[["1",2,"a"]]}']) expect(readBranch(text)).toEqual(empty)
})

test('looking at a hostile text takes no longer than at another of its length', () => {
  for (const text of ["'".repeat(100_000), '"a '.repeat(50_000), 'a'.repeat(100_000), "'a b ".repeat(50_000), '[REDACTED:'.repeat(10_000), 'http://'.repeat(10_000)]) {
    expect(cpuMs(() => wordsOf(text))).toBeLessThan(50)
  }
})

test('addresses, numbers and names in quotation marks are in no template', () => {
  const words = wordsOf('mail to dana.meyer@example.com ("Dana Meyer", +49 170 5550100, 4111-1111-1111-1111) bounced at 2026-11-23T14:02:03Z').join(' ')
  expect(words).toBe('mail to <*> bounced at <*>')
})
