import type { Readable, Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import type { Admission } from './intake.ts'

/** Why a body was not taken. */
export type BodyRefusal = 'too-large' | 'busy' | 'unknown-encoding' | 'broken-encoding' | 'cut-off'

/** A body that was not taken; the message may be shown. */
export class BodyRefused extends Error {
  override readonly name = 'BodyRefused'
  readonly why: BodyRefusal

  constructor(why: BodyRefusal, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.why = why
  }
}

const chunkSize = 64 * 1024

const unpackers: Readonly<Record<string, () => Transform>> = {
  'gzip': () => createGunzip({ chunkSize }),
  'x-gzip': () => createGunzip({ chunkSize }),
  'deflate': () => createInflate({ chunkSize }),
  'br': () => createBrotliDecompress({ chunkSize }),
  'zstd': () => createZstdDecompress({ chunkSize }),
}

/**
 * The unpacked body of a request. It is counted while it comes and while it is unpacked, so that a small body that unpacks to a huge
 * one is cut off at the bound and never held.
 *
 * @param encoding as in the header `content-encoding`: gzip, deflate, br, zstd, identity or nothing
 * @throws BodyRefused; what is left of the body is not read then
 */
export function readBody(source: Readable, encoding: string | undefined, admission: Admission, bytesMax: number): Promise<Buffer> {
  const name = (encoding ?? 'identity').trim().toLowerCase()
  if (name === '' || name === 'identity') return gather(source, source, admission, bytesMax)
  const unpacker = Object.hasOwn(unpackers, name) ? unpackers[name]?.() : undefined
  if (unpacker === undefined) {
    return Promise.reject(new BodyRefused('unknown-encoding', `expected content-encoding ${Object.keys(unpackers).join(', ')} or identity, found "${name.slice(0, 40)}"`))
  }
  source.pipe(unpacker)
  return gather(source, unpacker, admission, bytesMax).finally(() => {
    source.unpipe(unpacker)
    unpacker.destroy()
  })
}

function gather(source: Readable, from: Readable, admission: Admission, bytesMax: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let total = 0
    const refuse = (why: BodyRefusal, message: string, cause?: unknown): void => {
      from.removeListener('data', take)
      // The rest flows by unread, so that the answer reaches whoever is still sending.
      source.unpipe()
      source.resume()
      reject(new BodyRefused(why, message, { cause }))
    }
    const take = (chunk: Buffer): void => {
      total += chunk.length
      if (total > bytesMax) return refuse('too-large', `expected at most ${bytesMax} bytes when unpacked; send it in smaller parts`)
      if (!admission.hold(chunk.length)) return refuse('busy', 'too many events are on their way in; send it again later')
      chunks.push(chunk)
    }
    from.on('data', take)
    from.once('end', () => resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, total)))
    from.once('error', (cause) => refuse('broken-encoding', 'expected a body packed as content-encoding says, found one that cannot be unpacked', cause))
    if (from !== source) source.once('error', (cause) => refuse('cut-off', 'the body ended before it was whole', cause))
    source.once('close', () => {
      if (!source.readableEnded) refuse('cut-off', 'the body ended before it was whole')
    })
  })
}
