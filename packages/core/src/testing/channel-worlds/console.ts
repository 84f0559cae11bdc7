import { execFile } from 'node:child_process'
import type { ChannelWorld, Received, SuiteWorld } from '../channel-suite.ts'

/** The console of another process, because it is the descriptor of the process that is written to. */
async function start(): Promise<ChannelWorld> {
  const received: Received[] = []
  const script = `
    import { readFileSync } from 'node:fs'
    import { consoleChannel } from ${JSON.stringify(new URL('../../channels/console.ts', import.meta.url).href)}
    const message = JSON.parse(readFileSync(0, 'utf8'))
    console.log(JSON.stringify(await consoleChannel.create({}, 'console').send(message)))`
  return {
    settings: {},
    secrets: [],
    address: '',
    faults: [],
    channel: {
      send: (message) =>
        new Promise((resolve) => {
          const child = execFile(process.execPath, ['--input-type=module', '-e', script], { maxBuffer: 1_000_000 }, (_error, stdout, stderr) => {
            const [head = '', ...lines] = stderr.trimEnd().split('\n')
            received.push({ to: '', subject: head.replace('tocsin ', ''), text: lines.map((line) => line.slice(2)).join('\n') })
            resolve(stdout.trim() === '{"kind":"sent"}' ? { kind: 'sent' } : { kind: 'bad-config', detail: stdout })
          })
          child.stdin?.end(JSON.stringify(message))
        }),
    },
    received: () => received,
    close: async () => undefined,
  }
}

export const consoleWorld: SuiteWorld = { faults: [], start }
