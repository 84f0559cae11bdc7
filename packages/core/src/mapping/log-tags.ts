import type { FlatLog } from './flat-log.ts'
import type { Attributes } from './flat-span.ts'
import { text } from './read.ts'

const tagsMax = 24

/** What a resource says of the program and its machine; all else was put there by whoever runs it, such as `team` or `cost_center`. */
const aboutTheProgram = /^(?:service|telemetry|host|os|process|container|k8s|cloud|faas|wsl|app|terminal|env|deployment)\b/

/** Tags of a log record or a data point: the service, these attributes, and what `OTEL_RESOURCE_ATTRIBUTES` added to the resource. */
export function peopleTags(log: Pick<FlatLog, 'attributes' | 'resource'>, names: readonly string[]): Readonly<Record<string, string>> | undefined {
  const tags: Record<string, string> = {}
  let count = 0
  const add = (name: string, value: unknown): void => {
    const word = text(value)
    if (word === undefined || count >= tagsMax) return
    tags[name] = word
    count++
  }
  add('service', log.resource['service.name'])
  for (const name of names) add(name, log.attributes[name])
  for (const [name, word] of addedTo(log.resource)) add(name, word)
  return count === 0 ? undefined : tags
}

/** What was found in a resource: all records of a message share it, and it may be large. */
const found = new WeakMap<Attributes, readonly (readonly [name: string, word: string])[]>()

function addedTo(resource: Attributes): readonly (readonly [name: string, word: string])[] {
  const known = found.get(resource)
  if (known !== undefined) return known
  const added: [string, string][] = []
  for (const name in resource) {
    const word = aboutTheProgram.test(name) ? undefined : text(resource[name])
    if (word !== undefined && added.push([name, word]) === tagsMax) break
  }
  found.set(resource, added)
  return added
}
