import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

/** A Chromium with all that it needs of a machine: libraries and fonts, which lie in the package too. */
export interface PackagedBrowser {
  readonly version: string
  readonly executablePath: string
  /** For `LD_LIBRARY_PATH`, after the machine's own. */
  readonly libraries: string
  /** For `FONTCONFIG_FILE`: these fonts and no others, so that a page looks alike on every machine. Of Latin letters only. */
  readonly fontConfig: string
}

const parts = ['chromium.br', 'fonts.tar.br', 'al2023.tar.br']
const unpacking = `import { inflate } from '@sparticuz/chromium'; await Promise.all(process.argv.slice(1).map((path) => inflate(path)))`
const caches = join(import.meta.dirname, '../../node_modules/.cache/tocsin-test')

/**
 * Unpacks it once for each version. The package would do so into the machine's temporary folder, file by file, and whoever starts beside it would
 * find half a browser: here it is made aside and then given its name.
 */
export async function packagedBrowser(): Promise<PackagedBrowser> {
  const packaged = join(dirname(fileURLToPath(import.meta.resolve('@sparticuz/chromium'))), '..')
  // Reason for the cast: every package has one.
  const { version } = JSON.parse(readFileSync(join(packaged, 'package.json'), 'utf8')) as { readonly version: string }
  const folder = join(caches, `chromium-${version}`)
  if (!existsSync(folder)) {
    mkdirSync(caches, { recursive: true })
    const aside = mkdtempSync(join(caches, 'unpacking-'))
    // Where the package unpacks to is not asked otherwise than of the environment: that of a process of its own, so that nobody else's files go there.
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', unpacking, ...parts.map((name) => join(packaged, 'bin', name))], { cwd: import.meta.dirname, env: { ...process.env, TMPDIR: aside } })
    writeFileSync(join(aside, 'fonts.conf'), `<?xml version="1.0"?><fontconfig><dir>${join(folder, 'fonts')}</dir><cachedir>${join(folder, 'fonts-cache')}</cachedir></fontconfig>`)
    try {
      renameSync(aside, folder)
    } catch (failure) {
      rmSync(aside, { recursive: true })
      // Somebody else was faster.
      if (!existsSync(folder)) throw failure
    }
  }
  return { version, executablePath: join(folder, 'chromium'), libraries: join(folder, 'al2023/lib'), fontConfig: join(folder, 'fonts.conf') }
}
