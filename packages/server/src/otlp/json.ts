import { isUtf8 } from 'node:buffer'
import { flattenOtlpJson, flattenOtlpJsonLogs, flattenOtlpJsonMetrics, type FlatLogs, type FlatPoints, type FlatSpans } from 'tocsin/engine'
import { MalformedMessage } from './protobuf-reader.ts'

/** Names of what holds what, from the outside in. */
type Path = readonly [resources: string, scopes: string, items: string]

/** @throws MalformedMessage where it is no such message */
export function readJsonSpans(bytes: Buffer): FlatSpans {
  return flattenOtlpJson(parse(bytes, ['resourceSpans', 'scopeSpans', 'spans']))
}

/** @throws MalformedMessage where it is no such message */
export function readJsonLogs(bytes: Buffer): FlatLogs {
  return flattenOtlpJsonLogs(parse(bytes, ['resourceLogs', 'scopeLogs', 'logRecords']))
}

const dataNames = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'] as const

/** @throws MalformedMessage where it is no such message */
export function readJsonPoints(bytes: Buffer): FlatPoints {
  const message = parse(bytes, ['resourceMetrics', 'scopeMetrics', 'metrics'], (metric, at) => {
    for (const name of dataNames) {
      const data = metric[name]
      if (data === undefined || data === null) continue
      for (const [index, point] of listIn(objectAt(data, `${at}.${name}`), 'dataPoints', `${at}.${name}.`).entries()) checkAttributes(objectAt(point, `${at}.${name}.dataPoints[${index}]`), at)
    }
  })
  return flattenOtlpJsonMetrics(message)
}

/** Fields by name, nothing known of their values. */
type Fields = Readonly<Record<string, unknown>>

/**
 * The message, when everything that holds something has the form it must have: what a lenient reader would take for an empty message
 * would be lost without a word. What single items say is looked at by whoever reads them.
 */
function parse(bytes: Buffer, [resources, scopes, items]: Path, look?: (item: Fields, at: string) => void): unknown {
  if (!isUtf8(bytes)) throw new MalformedMessage('expected text in UTF-8')
  const message = objectAt(json(bytes.toString('utf8')), 'the message')
  for (const [index, one] of listIn(message, resources, '').entries()) {
    const at = `${resources}[${index}]`
    const resource = objectAt(one, at)
    checkAttributes(resource['resource'], `${at}.resource`)
    // The older name of scopes.
    const scopesName = resource[scopes] === undefined && resource['instrumentationLibrarySpans'] !== undefined ? 'instrumentationLibrarySpans' : scopes
    for (const [scopeIndex, scopeOne] of listIn(resource, scopesName, `${at}.`).entries()) {
      const scopeAt = `${at}.${scopesName}[${scopeIndex}]`
      for (const [itemIndex, item] of listIn(objectAt(scopeOne, scopeAt), items, `${scopeAt}.`).entries()) {
        const itemAt = `${scopeAt}.${items}[${itemIndex}]`
        const fields = objectAt(item, itemAt)
        checkAttributes(fields, itemAt)
        look?.(fields, itemAt)
      }
    }
  }
  return message
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    // The parser's own words repeat what was sent.
    throw new MalformedMessage('expected JSON', { cause })
  }
}

function checkAttributes(holder: unknown, at: string): void {
  if (holder === undefined || holder === null) return
  listIn(objectAt(holder, at), 'attributes', `${at}.`)
}

function objectAt(value: unknown, at: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new MalformedMessage(`expected an object at ${at}, found ${kindOf(value)}`)
  // Reason for the cast: an object that is no list is read by names, and what they give is unknown again.
  return value as Fields
}

/** Absent and null are an empty list, as everywhere in protobuf's JSON. */
function listIn(holder: Fields, name: string, before: string): readonly unknown[] {
  const value = holder[name]
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw new MalformedMessage(`expected a list at ${before}${name}, found ${kindOf(value)}`)
  return value
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'a list' : typeof value
}
