import { createHash } from 'node:crypto'
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'vite'

const here = import.meta.dirname
const out = join(here, '../server/static')
const stampFile = join(out, 'stamp')
/** Pictures are compressed already. */
const worthCompressing = /\.(?:css|html|js|json|svg)$/
/** Smaller files gain nothing by it. */
const compressedFromBytes = 1024
/** Files of the build before stay so long: a page that is open loads its parts when they are needed. */
const oldAssetsMs = 600_000

/**
 * Builds the page into the server's `static` folder, each file beside itself as brotli and gzip. What was built of the same sources stays:
 * `npm start` and the tests ask for it each time. A server that runs meanwhile goes on serving: the page itself is replaced last.
 *
 * @returns whether it had to be built
 */
export async function buildDashboard(): Promise<boolean> {
  const stamp = stampOfSources()
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return false
  const made = mkdtempSync(join(tmpdir(), 'tocsin-dashboard-'))
  const environment = process.env['NODE_ENV']
  try {
    // Whoever asks for it, such as tests, gets what is published.
    process.env['NODE_ENV'] = 'production'
    await build({ root: here, configFile: join(here, 'vite.config.ts'), logLevel: 'warn', build: { outDir: made } })
    compress(made)
    mkdirSync(join(out, 'assets'), { recursive: true })
    const fresh = new Set(readdirSync(join(made, 'assets')))
    cpSync(join(made, 'assets'), join(out, 'assets'), { recursive: true })
    for (const name of readdirSync(made).filter((one) => statSync(join(made, one)).isFile())) {
      writeFileSync(join(out, `${name}.new`), readFileSync(join(made, name)))
      renameSync(join(out, `${name}.new`), join(out, name))
    }
    for (const name of readdirSync(join(out, 'assets'))) {
      const path = join(out, 'assets', name)
      if (!fresh.has(name) && statSync(path, { throwIfNoEntry: false })?.mtimeMs !== undefined && Date.now() - statSync(path).mtimeMs > oldAssetsMs) rmSync(path, { force: true })
    }
    writeFileSync(stampFile, stamp)
    return true
  } finally {
    if (environment === undefined) delete process.env['NODE_ENV']
    else process.env['NODE_ENV'] = environment
    rmSync(made, { recursive: true })
  }
}

function compress(folder: string): void {
  for (const name of globSync('**/*', { cwd: folder })) {
    if (!worthCompressing.test(name)) continue
    const whole = readFileSync(join(folder, name))
    if (whole.length < compressedFromBytes) continue
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(whole, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }))
    writeFileSync(join(folder, `${name}.gz`), gzipSync(whole, { level: 9 }))
  }
}

function stampOfSources(): string {
  const hash = createHash('sha256')
  for (const name of [...globSync(['src/**/*.{ts,tsx,css}', 'public/**/*', 'index.html', 'package.json', 'vite.config.ts', 'build.ts'], { cwd: here }), '../../package-lock.json'].sort()) {
    if (!/\.[a-z]+$/.test(name) || name.endsWith('.d.ts')) continue
    hash.update(name).update('\0').update(readFileSync(join(here, name))).update('\0')
  }
  return hash.digest('hex')
}

if (import.meta.main && (await buildDashboard())) process.stderr.write('The dashboard was built.\n')
