import type { FlatLog } from './flat-log.ts'
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
  for (const name in log.resource) if (count < tagsMax && !aboutTheProgram.test(name)) add(name, log.resource[name])
  return count === 0 ? undefined : tags
}
