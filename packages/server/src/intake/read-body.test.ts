import { PassThrough, Readable } from 'node:stream'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { Intake } from './intake.ts'
import { readBody } from './read-body.ts'

const text = Buffer.from('spans '.repeat(40_000))
const roomy = 16 * 1024 * 1024

function read(bytes: Buffer, encoding?: string, { bytesMax = roomy, intake = new Intake() } = {}): Promise<Buffer> {
  const admission = intake.enter()
  if (admission === undefined) throw new Error('expected room, found none')
  // In pieces, as a socket gives them.
  const pieces = Array.from({ length: Math.ceil(bytes.length / 10_000) }, (_, index) => bytes.subarray(index * 10_000, (index + 1) * 10_000))
  return readBody(Readable.from(pieces, { objectMode: false }), encoding, admission, bytesMax)
}

test.each([[undefined, text], ['identity', text], ['gzip', gzipSync(text)], ['GZIP', gzipSync(text)], ['deflate', deflateSync(text)], ['br', brotliCompressSync(text)], ['zstd', zstdCompressSync(text)]])('packed as %s it is the same', async (encoding, bytes) => {
  expect((await read(bytes, encoding)).equals(text)).toBe(true)
})

test('a bomb is cut off while it is unpacked, however small it is packed', async () => {
  const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024))
  expect(bomb.length).toBeLessThan(250_000)
  const intake = new Intake()
  await expect(read(bomb, 'gzip', { intake })).rejects.toMatchObject({ why: 'too-large' })
  expect(intake.underWay.bytes).toBeLessThanOrEqual(roomy)
})

test('one byte too many is too many, and the bound itself is not', async () => {
  expect(await read(text, undefined, { bytesMax: text.length })).toHaveLength(text.length)
  await expect(read(text, undefined, { bytesMax: text.length - 1 })).rejects.toMatchObject({ why: 'too-large' })
})

test('what cannot be unpacked, ends too early or is packed in an unknown way is refused', async () => {
  const packed = gzipSync(text)
  await expect(read(packed.subarray(0, packed.length - 20), 'gzip')).rejects.toMatchObject({ why: 'broken-encoding' })
  await expect(read(text, 'gzip')).rejects.toMatchObject({ why: 'broken-encoding' })
  await expect(read(text, 'compress')).rejects.toMatchObject({ why: 'unknown-encoding', message: expect.stringContaining('"compress"') as string })
  await expect(read(text, '__proto__')).rejects.toMatchObject({ why: 'unknown-encoding' })
})

test('a sender that goes away in the middle is not waited for', async () => {
  for (const encoding of [undefined, 'gzip']) {
    const source = new PassThrough()
    const admission = new Intake().enter()
    if (admission === undefined) throw new Error('expected room, found none')
    const body = readBody(source, encoding, admission, roomy)
    source.write(gzipSync(text).subarray(0, 100))
    source.destroy()
    await expect(body).rejects.toMatchObject({ why: 'cut-off' })
  }
})

test('where there is no room for it, it is refused as busy', async () => {
  await expect(read(text, undefined, { intake: new Intake({ bytesMax: 1_000 }) })).rejects.toMatchObject({ why: 'busy' })
})
