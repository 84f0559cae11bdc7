import { expect, test } from 'vitest'
import { run } from '../end-to-end/child.ts'

test('two servers over one PostgreSQL that are killed at random lose nothing and tell nothing twice', { timeout: 180_000 }, async () => {
  const { code, stdout, stderr } = await run('test/chaos/main.ts', ['--seconds', '8', '--nodes', '2', '--seed', '11'])
  expect([...stdout.split('\n').filter((line) => line.startsWith('BROKE')), ...(code === 0 ? [] : [stderr.slice(-2_000)])]).toEqual([])
  expect(stdout.split('\n').filter((line) => line.startsWith('held'))).toHaveLength(11)
  expect(code).toBe(0)
})

test('two servers whose clocks are 5 s apart, and a database that goes away, lose nothing and tell nothing twice', { timeout: 180_000 }, async () => {
  const { code, stdout, stderr } = await run('test/chaos/main.ts', ['--seconds', '8', '--nodes', '2', '--seed', '12', '--skew-ms', '5000', '--away-seconds', '4'])
  expect([...stdout.split('\n').filter((line) => line.startsWith('BROKE')), ...(code === 0 ? [] : [stderr.slice(-2_000)])]).toEqual([])
  expect(stderr).toContain('the database is back')
  expect(stdout.split('\n').filter((line) => line.startsWith('held'))).toHaveLength(11)
})
