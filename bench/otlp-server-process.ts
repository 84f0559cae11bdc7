import { serve } from '../packages/server/src/serve.ts'

/** A server of its own, for the load beside it: prints where it is and the key, and ends with its standard input. */
const [config = '', data = ''] = process.argv.slice(2)
const told: string[] = []
const running = await serve({ config, data, port: 0, env: {}, terminal: (text) => told.push(text), notice: (text) => console.error(text) })
console.log(JSON.stringify({ url: running.url, key: /tok_[\w-]+/.exec(told.join('\n'))?.[0] }))
process.stdin.resume()
process.stdin.once('end', () => void running.close().then(() => process.exit(0)))
