import { serve } from '../packages/server/src/serve.ts'

/** One of several servers over one PostgreSQL: prints where it is, and ends with its standard input. */
const [config = '', data = '', databaseUrl = ''] = process.argv.slice(2)
const running = await serve({ config, data, databaseUrl, port: 0, logLevel: 'error', env: {}, terminal: () => undefined, notice: (text) => console.error(text) })
console.log(running.url)
process.stdin.resume()
process.stdin.once('end', () => void running.close().then(() => process.exit(0)))
