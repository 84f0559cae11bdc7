import type { FastifyInstance } from 'fastify'
import { Problem } from './problem.ts'

/** No body of this API is half as deep; whatever walks through one calls itself once for each level. */
const depthMax = 64

/**
 * Reads the bodies of every route that has no way of its own, which are JSON and nothing else: UTF-8 as RFC 8259 has it, at most 64 levels,
 * no NUL, and no name that would change what an object is (`__proto__`).
 */
export function takesJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, bytes: Buffer, done) => {
    const text = textOf(bytes)
    if (text === undefined) return done(new Problem(400, 'bad-json', 'Expected JSON in UTF-8.'))
    const flaw = flawOf(text)
    if (flaw !== undefined) return done(new Problem(400, 'bad-json', flaw))
    void parse(request, text, (failure, value) => {
      // The parser's own words repeat what was sent.
      if (failure !== null) done(new Problem(400, 'bad-json', text === '' ? 'Expected JSON, found nothing.' : 'Expected JSON, without names such as __proto__.'))
      else done(null, value)
    })
  })
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function textOf(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

/** What of it no part of the server is made for, if anything; told without building it. */
function flawOf(text: string): string | undefined {
  let depth = 0
  let isInText = false
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (isInText) {
      if (unit === backslash) {
        if (text.startsWith('u0000', at + 1)) return 'Expected texts without the character NUL: not every database can keep it.'
        at++
      } else if (unit === quote) isInText = false
    } else if (unit === quote) isInText = true
    else if (unit === openList || unit === openObject) {
      if (++depth > depthMax) return `Expected JSON of at most ${depthMax} levels.`
    } else if (unit === closeList || unit === closeObject) depth--
  }
  return undefined
}

const [quote, backslash, openList, closeList, openObject, closeObject] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d]
