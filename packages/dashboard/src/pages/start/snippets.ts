/** What is run to connect an agent, whole: the address and the key are in it. */
export type SnippetName = 'typescript' | 'otel' | 'curl'

export function snippetOf(name: SnippetName, url: string, key: string): string {
  switch (name) {
    case 'typescript':
      return typescript(url, key)
    case 'otel':
      return otel(url, key)
    case 'curl':
      return curl(url, key)
  }
}

function typescript(url: string, key: string): string {
  const insecure = isHere(url) ? ',\n  { allowInsecure: true },\n' : ',\n'
  return `// npm install tocsin
import { init } from 'tocsin'

const client = init(
  { endpoint: '${url}', apiKey: '${key}' }${insecure})

await client.session('hello', async () => {
  await client.tool('search', () => 'found')
})

await client.close()`
}

function otel(url: string, key: string): string {
  return `export OTEL_EXPORTER_OTLP_ENDPOINT=${url}
export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
export OTEL_EXPORTER_OTLP_HEADERS=authorization=Bearer%20${key}`
}

function curl(url: string, key: string): string {
  return `curl ${url}/api/v1/events \\
  -H 'authorization: Bearer ${key}' -H 'content-type: application/json' \\
  -d '{ "events": [{ "type": "custom", "source": "native", "agent": "curl", "name": "hello" }] }'`
}

/** Plain HTTP is taken to this machine only, and has to be asked for. */
function isHere(url: string): boolean {
  return url.startsWith('http:')
}
