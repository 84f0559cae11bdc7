import type { FastifyRequest } from 'fastify'
import { localeFor } from 'tocsin/engine'

/** The language that is wanted most among those there are; absent: none is. */
export function spokenIn(header: string | undefined): string | undefined {
  const wanted = (header ?? '').slice(0, 500).split(',').map((part) => {
    const [tag = '', ...settings] = part.trim().split(';')
    const weight = Number(settings.find((setting) => setting.trim().startsWith('q='))?.trim().slice(2) ?? 1)
    return { tag, weight: Number.isFinite(weight) ? weight : 0 }
  })
  return wanted.filter(({ tag, weight }) => weight > 0 && tag !== '' && tag !== '*').toSorted((one, other) => other.weight - one.weight).map(({ tag }) => localeFor(tag)).find(({ how }) => how !== 'last')?.locale
}

/** In which the product speaks of its own parts and of what it refuses: what the request asks for, else English, whatever the project speaks. */
export function languageOf({ headers }: Pick<FastifyRequest, 'headers'>): string {
  return spokenIn(headers['accept-language']) ?? 'en'
}
