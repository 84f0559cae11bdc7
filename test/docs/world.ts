import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCertificate } from '../../packages/core/src/testing/certificate.ts'
import { intakeKey, startIntakeServer, type IntakeServer } from '../../packages/core/src/testing/intake-server.ts'
import { startModelProvider, type ModelProvider } from '../../packages/core/src/testing/model-provider.ts'
import { startSmtpServer, type SmtpStandIn } from '../../packages/core/src/testing/smtp-server.ts'
import { startTwilioServer, type TwilioStandIn } from '../../packages/core/src/testing/twilio-server.ts'
import { placeOf, root, snippetsIn, type Snippet } from './snippets.ts'

/** What a program or a command did. */
export interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Stand-ins on loopback, and folders in which the snippets of the documentation run as a reader would run them. */
export interface DocsWorld {
  readonly mail: SmtpStandIn
  readonly sms: TwilioStandIn
  readonly model: ModelProvider
  readonly intake: IntakeServer
  /** A fresh folder that holds the README's `tocsin.yaml`, its hosts replaced by the stand-ins. */
  folder(): string
  /** Type-checks all of these in one program; returns what the compiler says. */
  typeCheck(sources: readonly Source[]): Promise<Run>
  /** Compiles what was checked, so that it can be run. */
  compile(): Promise<Run>
  /** Runs one compiled snippet in a folder. */
  run(name: string, folder: string): Promise<Run>
  /** Runs one line of a shell, where `npx tocsin` is the command of this checkout. */
  shell(line: string, folder: string): Promise<Run>
  close(): Promise<void>
}

export interface Source {
  /** File name without its ending. */
  readonly name: string
  readonly text: string
}

/** Longest time for one program, milliseconds. */
const runMs = 60_000
const command = join(root, 'packages/core/src/commands/main.ts')

export async function openDocsWorld(): Promise<DocsWorld> {
  const home = mkdtempSync(join(tmpdir(), 'tocsin-docs-'))
  const certificate = await makeCertificate()
  const [mail, sms, model, intake] = await Promise.all([startSmtpServer({ certificate }), startTwilioServer({ certificate }), startModelProvider(), startIntakeServer({ protocol: 'https', certificate })])
  const ca = join(home, 'ca.pem')
  writeFileSync(ca, certificate.ca)
  symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'))
  mkdirSync(join(home, 'src'))
  writeFileSync(join(home, 'package.json'), JSON.stringify({ type: 'module' }))
  // The agents' SDK sends traces to its maker unless told otherwise.
  writeFileSync(join(home, 'only-here.mjs'), "import { setTraceProcessors } from '@openai/agents'\nsetTraceProcessors([])\n")

  const env = {
    ...process.env,
    // As a reader runs it: in tests the agents' SDK makes no traces.
    NODE_ENV: 'production',
    NODE_EXTRA_CA_CERTS: ca,
    OPENAI_API_KEY: 'sk-docs', OPENAI_BASE_URL: `${model.url}/v1`,
    ANTHROPIC_API_KEY: 'sk-ant-docs', ANTHROPIC_BASE_URL: model.url,
    SMTP_URL: mail.url,
    TWILIO_ACCOUNT_SID: sms.accountSid, TWILIO_AUTH_TOKEN: sms.authToken, TWILIO_API_BASE: sms.apiBase,
    TOCSIN_ENDPOINT: intake.endpoint, TOCSIN_API_KEY: intakeKey,
  }
  const start = (file: string, args: readonly string[], cwd: string): Promise<Run> =>
    new Promise((resolve) => {
      execFile(file, args, { cwd, env, timeout: runMs, maxBuffer: 10_000_000 }, (failure, out, err) => {
        resolve({ code: failure === null ? 0 : typeof failure.code === 'number' ? failure.code : 1, out, err })
      })
    })
  const tsc = (project: string): Promise<Run> => start(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(home, project)], home)
  let folders = 0

  return {
    mail,
    sms,
    model,
    intake,
    folder() {
      folders += 1
      const folder = join(home, `run-${folders}`)
      mkdirSync(folder)
      writeFileSync(join(folder, 'tocsin.yaml'), localConfiguration())
      return folder
    },
    async typeCheck(sources) {
      for (const { name, text } of sources) writeFileSync(join(home, 'src', `${name}.ts`), text)
      const compilerOptions = { rootDir: '/', erasableSyntaxOnly: false, typeRoots: [join(root, 'node_modules/@types')] }
      // With the types that a dependency of the product does not bring.
      const files = [...sources.map(({ name }) => `src/${name}.ts`), join(root, 'packages/core/src/channels/http-ece.d.ts')]
      writeFileSync(join(home, 'check.json'), JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include: [], exclude: [], files }))
      const emit = { noEmit: false, noCheck: true, noResolve: true, rootDir: 'src', outDir: 'out', erasableSyntaxOnly: false, types: [] }
      writeFileSync(join(home, 'emit.json'), JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions: emit, include: [], exclude: [], files }))
      return tsc('check.json')
    },
    compile: () => tsc('emit.json'),
    run: (name, folder) => start(process.execPath, ['--conditions=tocsin-source', '--import', join(home, 'only-here.mjs'), join(home, 'out', `${name}.js`)], folder),
    shell: (line, folder) => start('bash', ['-c', `npx() { shift; "${process.execPath}" --conditions=tocsin-source "${command}" "$@"; }\n${line}`], folder),
    async close() {
      await Promise.all([mail.close(), sms.close(), model.close(), intake.close()])
      rmSync(home, { recursive: true, force: true })
    },
  }
}

/** The README's configuration; only its hosts are others. */
function localConfiguration(): string {
  const text = snippetsIn('README.md').find(({ language }) => language === 'yaml')?.text ?? ''
  const mailHost = '"smtp://apikey:${SENDGRID_API_KEY}@smtp.sendgrid.net:587"'
  const smsSender = 'from: "+15005550006"'
  if (!text.includes(mailHost) || !text.includes(smsSender)) throw new Error('the configuration in README.md has other hosts than those that are replaced here')
  return text.replace(mailHost, '"${SMTP_URL}"').replace(smsSender, `${smsSender}\n    apiBase: "\${TWILIO_API_BASE}"`)
}

/** A snippet as a program: the text of the page; only the host of the text message service is another. */
export function sourceOf(snippet: Snippet): Source {
  const name = placeOf(snippet).replaceAll(/[^a-zA-Z0-9]+/g, '-')
  const text = snippet.text.replaceAll("authToken: '${TWILIO_AUTH_TOKEN}',", "authToken: '${TWILIO_AUTH_TOKEN}', apiBase: '${TWILIO_API_BASE}',")
  // A module, whatever it imports: two snippets may use the same names.
  return { name, text: `${text}\nexport {}\n` }
}
