#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { errorText, TocsinError } from '../model/error.ts'
import { createKey, listKeys, ownerLink, revokeKey, showAudit, type AuditArguments, type DatabaseArguments, type NewKeyArguments } from './access.ts'
import { actOnAlerts } from './act.ts'
import { backtestRule } from './backtest.ts'
import { check } from './check.ts'
import { coloured, colouredError } from './colour.ts'
import { completion } from './completion.ts'
import { declareMoving } from './declare-moving.ts'
import { drain } from './drain.ts'
import { addExamples } from './examples.ts'
import { explain } from './explain.ts'
import { feedback } from './feedback.ts'
import { showInbox } from './inbox.ts'
import { init, type InitOptions } from './init.ts'
import { pause, resume } from './pause.ts'
import type { Report } from './report.ts'
import { route } from './route.ts'
import { showReport } from './show-report.ts'
import { sendByHand } from './send.ts'
import { rotateSecrets, serveUntilStopped, type RotateArguments, type ServeArguments } from './server.ts'
import { silenceAdd, silenceEnd, silenceList, silencePreview, type NewSilence } from './silence.ts'
import { showTemplate } from './template.ts'
import { testChannel } from './test-channel.ts'
import { vapid } from './vapid.ts'

/** Done, failed, wrong usage. */
const exitCodes = { done: 0, failed: 1, usage: 2 } as const

const helpColumnsMax = 80
/** What the terminal speaks, by the order of POSIX. */
const language = [process.env['LC_ALL'], process.env['LC_MESSAGES'], process.env['LANG']].find((value) => value !== undefined && value !== '') ?? ''
const locale = language.startsWith('zh') ? 'zh-CN' : 'en'

const program = new Command('tocsin')
  .description('Tells the right person, on the right channel, once, when an AI agent needs them.')
  .exitOverride()
  .configureHelp({ helpWidth: Math.min(helpColumnsMax, process.stdout.columns || helpColumnsMax) })

program
  .command('init')
  .description('write a first configuration; asks where it is told nothing')
  .option('--for <whom>', 'who hears about problems: me, team or on-call')
  .option('--channel <type>', 'how, such as inbox, email or sms')
  .option('--email <address>', 'your e-mail address')
  .option('--phone <number>', 'your telephone number, such as +14155550101')
  .option('--budget <usd>', 'monthly budget in USD')
  .option('--quiet-hours <hours>', 'such as 22:00-07:00')
  .option('--config <file>', 'file to write; never overwritten', 'tocsin.yaml')
  .option('--json', 'print JSON')
  .action(async (options: InitOptions & { json?: true }) => print(await init(options, process.env, { input: process.stdin, output: process.stderr, locale }), options))

const acts = [
  { name: 'ack', action: 'acknowledge', description: 'take alerts: nobody else is told, nothing is repeated' },
  { name: 'unack', action: 'unacknowledge', description: 'give alerts back that were acknowledged' },
  { name: 'snooze', action: 'snooze', description: 'not be told of alerts for a time', lasts: 'how long, 5m to 7d; 1h where it is not said' },
  { name: 'unsnooze', action: 'unsnooze', description: 'take the last snooze of alerts back' },
  { name: 'resolve', action: 'resolve', description: 'end alerts; those who were told are told' },
  { name: 'expected', action: 'expected', description: 'say that alerts are to be expected: the same is not told', lasts: 'how long; 28d where it is not said' },
  { name: 'unexpected', action: 'unexpected', description: 'take back that alerts are to be expected' },
] as const

for (const { name, action, description, ...more } of acts) {
  const command = program.command(name).description(description).argument('<id...>', 'alerts (alt_51), or deliveries that carried them (dlv_12)')
  if ('lasts' in more) command.option('--for <duration>', more.lasts)
  command
    .option('--by <name>', 'who does it; else who is logged in')
    .option('--config <file>', 'configuration file', 'tocsin.yaml')
    .option('--data <folder>', 'folder of the database', '.tocsin')
    .option('--json', 'print JSON')
    .action(async (ids: string[], options: Parameters<typeof actOnAlerts>[2] & { json?: true }) => print(await actOnAlerts(ids, action, options, process.env, progress), options))
}

program
  .command('backtest')
  .description('say what a rule would have told, by the events of this machine')
  .argument('<rule>', 'a rule or a budget of the configuration, or a built-in rule')
  .option('--since <duration>', 'how far back, such as 12h or 7d', '7d')
  .option('--config <file>', 'configuration file', 'tocsin.yaml')
  .option('--data <folder>', 'folder of the database', '.tocsin')
  .option('--locale <locale>', 'en or zh-CN', locale)
  .option('--timezone <zone>', 'time zone of the times shown', Intl.DateTimeFormat().resolvedOptions().timeZone)
  .option('--json', 'print JSON')
  .action(async (rule: string, options: Parameters<typeof backtestRule>[1] & { json?: true }) => print(await backtestRule(rule, options, process.env, progress), options))

program
  .command('check')
  .description('check a configuration and say what it will do')
  .argument('[file]', 'configuration file', 'tocsin.yaml')
  .option('--json', 'print JSON')
  .action((file: string, options: { json?: true }) => print(check(file, process.env), options))

program
  .command('completion')
  .description('print the script by which a shell completes this command')
  .argument('<shell>', 'bash, zsh or fish')
  .option('--json', 'print JSON')
  .action((shell: string, options: { json?: true }) => print(completion(program, shell), options))

program
  .command('drain')
  .description('send what is due, then stop')
  .option('--config <file>', 'configuration file', 'tocsin.yaml')
  .option('--data <folder>', 'folder of the database', '.tocsin')
  .option('--seconds <n>', 'longest time to take, 1 to 3600', '60')
  .option('--json', 'print JSON')
  .action(async (options: { config: string; data: string; seconds: string; json?: true }) => print(await drain(options, process.env, progress), options))

program
  .command('explain')
  .description('say who was told, who was not, and why')
  .argument('<id>', 'an alert (alt_51), a delivery (dlv_12), a session or an event')
  .option('--data <folder>', 'folder of the database', '.tocsin')
  .option('--locale <locale>', 'en or zh-CN', locale)
  .option('--timezone <zone>', 'time zone of the times shown', Intl.DateTimeFormat().resolvedOptions().timeZone)
  .option('--json', 'print JSON')
  .action(async (id: string, options: { data: string; locale: string; timezone: string; json?: true }) => print(await explain(id, options, progress), options))

program
  .command('feedback')
  .description('say that an alarm was to be expected, or not useful')
  .argument('<alert>', 'an alert about something unusual, such as alt_51')
  .argument('<verdict>', 'expected or not-useful')
  .option('--data <folder>', 'folder of the database', '.tocsin')
  .option('--json', 'print JSON')
  .action(async (alert: string, verdict: string, options: { data: string; json?: true }) => print(await feedback(alert, verdict, options, progress), options))

program
  .command('inbox')
  .description('show what the inbox channels were sent')
  .option('--data <folder>', 'folder of the database', '.tocsin')
  .option('--limit <n>', 'newest messages to show, 1 to 1000', '20')
  .option('--locale <locale>', 'en or zh-CN', locale)
  .option('--timezone <zone>', 'time zone of the times shown', Intl.DateTimeFormat().resolvedOptions().timeZone)
  .option('--json', 'print JSON')
  .action(async (options: Parameters<typeof showInbox>[0] & { json?: true }) => print(await showInbox(options, progress), options))

for (const [name, description, act] of [['pause', 'hold everything that is to be sent; nothing is lost', pause], ['resume', 'go on sending after a pause', resume]] as const) {
  program
    .command(name)
    .description(description)
    .option('--by <name>', 'who pauses; default the user of this machine')
    .option('--config <file>', 'configuration file', 'tocsin.yaml')
    .option('--data <folder>', 'folder of the database', '.tocsin')
    .option('--timezone <zone>', 'time zone of the times shown', Intl.DateTimeFormat().resolvedOptions().timeZone)
    .option('--json', 'print JSON')
    .action(async (options: Parameters<typeof pause>[0] & { json?: true }) => print(await act(options, process.env, progress), options))
}

program
  .command('route')
  .description('say who would be told of an alert, by which channel and when')
  .argument('<alert>', 'a file with an alert as JSON, or one on record such as alt_51')
  .option('--at <time>', 'when it would fire, such as 2026-11-22T23:00:00+08:00; now')
  .option('--config <file>', 'configuration file', 'tocsin.yaml')
  .option('--data <folder>', 'folder of the database', '.tocsin')
  .option('--locale <locale>', 'en or zh-CN', locale)
  .option('--json', 'print JSON')
  .action(async (alert: string, options: Parameters<typeof route>[1] & { json?: true }) => print(await route(alert, options, process.env, progress), options))

program
  .command('report')
  .description('print what was spent, what failed and what was told in a day or a week')
  .option('--week', 'the last whole week, Monday to Sunday; the default')
  .option('--day', 'the last whole day')
  .option('--until <date>', 'the last one before this date, such as 2026-11-23; default now')
  .option('--person <name>', 'as this person would be told; default all of it')
  .option('--locale <locale>', "en or zh-CN; default the person's")
  .option('--config <file>', 'configuration file', 'tocsin.yaml')
  .option('--data <folder>', 'folder of the database', '.tocsin')
  .option('--json', 'print JSON')
  .action(async (options: Omit<Parameters<typeof showReport>[0], 'terminalLocale'> & { json?: true }) => print(await showReport({ ...options, terminalLocale: locale }, process.env, progress), options))

program
  .command('send')
  .description('tell people something by the routes of the configuration')
  .requiredOption('--title <text>', 'what to say, one line')
  .option('--body <text>', 'more of it')
  .option('--severity <severity>', 'critical, high, warning or info', 'high')
  .option('--to <who...>', 'people, role:NAME, team:NAME or rotation:NAME')
  .option('--config <file>', 'configuration file', 'tocsin.yaml')
  .option('--data <folder>', 'folder of the database', '.tocsin')
  .option('--json', 'print JSON')
  .action(async (options: Parameters<typeof sendByHand>[0] & { json?: true }) => print(await sendByHand(options, process.env, progress), options))

program
  .command('serve')
  .description('serve agents of any language: OpenTelemetry and events in, alerts out')
  .option('--config <file>', 'configuration file; tocsin.yaml where there is one')
  .option('--data <folder>', 'folder of the database and of what else is kept', './data')
  .option('--database-url <url>', 'PostgreSQL in place of SQLite, such as postgres://tocsin@localhost/tocsin')
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .option('--port <n>', 'port to listen on, 0 for any', '4319')
  .option('--tls-cert <file>', 'certificate with its chain, PEM; needed beyond this machine')
  .option('--tls-key <file>', 'its key, PEM')
  .option('--behind-proxy', 'a proxy of yours stands before it and speaks TLS')
  .option('--public-url <url>', 'where people reach it, for links of invitations; as publicUrl of the file')
  .option('--allow-origin <origin...>', 'other sites whose pages may ask with a key (CORS)')
  .option('--allow-insecure-database', 'speak to a PostgreSQL elsewhere without TLS')
  .option('--log-level <level>', 'silent, error, warn, info or debug; JSON lines on stderr', 'warn')
  .action(async (options: ServeArguments) => serveUntilStopped(options, process.env, (text) => process.stdout.write(`${text}\n`), locale))

declareMoving(program, (report, options) => print(report, options), progress)

program
  .command('secrets')
  .description('the key that seals secrets in the database of the server')
  .command('rotate')
  .description('make a new key and seal every secret with it, while servers run')
  .option('--data <folder>', 'folder of the database and of secret.key', './data')
  .option('--database-url <url>', 'PostgreSQL in place of SQLite')
  .option('--allow-insecure-database', 'speak to a PostgreSQL elsewhere without TLS')
  .option('--json', 'print JSON')
  .action(async (options: RotateArguments & { json?: true }) => print(await rotateSecrets(options, process.env, progress), options))

/** What works on the database of the server itself. */
const onServer = (command: Command): Command =>
  command
    .option('--data <folder>', 'folder of the database', './data')
    .option('--database-url <url>', 'PostgreSQL in place of SQLite')
    .option('--allow-insecure-database', 'speak to a PostgreSQL elsewhere without TLS')
    .option('--json', 'print JSON')

const keys = program.command('keys').description('keys by which programs reach the server')

onServer(keys.command('create').description('make a key; it is shown once'))
  .requiredOption('--name <name>', 'what it is for, for people')
  .option('--scope <scope>', 'ingest (sends events), read, or manage (what an admin may)', 'ingest')
  .option('--project <name>', 'its project; that of the configuration')
  .option('--all-projects', 'for every project')
  .option('--expires <duration>', 'how long it works, such as 90d; until it is revoked')
  .option('--config <file>', 'configuration file; tocsin.yaml where there is one')
  .action(async (options: NewKeyArguments & { json?: true }) => print(await createKey(options, process.env, progress), options))

onServer(keys.command('list').description('show keys: their ends, scopes, and when they were used'))
  .option('--project <name>', 'only those of this project, and of all')
  .action(async (options: DatabaseArguments & { project?: string; json?: true }) => print(await listKeys(options, process.env, progress), options))

onServer(keys.command('revoke').description('end a key').argument('<id>', 'such as key_1f3a5c7e9b2d4f60'))
  .action(async (id: string, options: DatabaseArguments & { json?: true }) => print(await revokeKey(id, options, process.env, progress), options))

onServer(program.command('owner-link').description('make a link that makes an owner of the server, or gives one a new password'))
  .option('--url <address>', 'where the server is reached; publicUrl of the configuration')
  .option('--config <file>', 'configuration file; tocsin.yaml where there is one')
  .action(async (options: Parameters<typeof ownerLink>[0] & { json?: true }) => print(await ownerLink(options, process.env, progress), options))

onServer(program.command('audit').description('show who changed what, newest first'))
  .option('--project <name>', 'only of this project, and of none')
  .option('--actor <actor>', 'such as user:usr_1f3a5c7e9b2d4f60')
  .option('--action <action>', 'such as keys.create, or keys for all about them')
  .option('--before <n>', 'only what is older than this entry')
  .option('--limit <n>', 'newest entries to show, 1 to 1000', '50')
  .action(async (options: AuditArguments & { json?: true }) => print(await showAudit(options, process.env, progress), options))

const silence = program.command('silence').description('what is not told for a time')
const silencing = (command: Command): Command =>
  command
    .option('--config <file>', 'configuration file', 'tocsin.yaml')
    .option('--data <folder>', 'folder of the database', '.tocsin')
    .option('--locale <locale>', 'en or zh-CN', locale)
    .option('--timezone <zone>', 'time zone of the times shown', Intl.DateTimeFormat().resolvedOptions().timeZone)
    .option('--json', 'print JSON')

silencing(silence.command('add').description('silence what matches for a time; shows what that would have hidden'))
  .requiredOption('--match <condition>', "over alert, as in routes, such as \"alert.agent == 'billing'\"")
  .option('--for <duration>', 'how long, such as 2h')
  .option('--until <time>', 'or until when, such as 2026-11-22T18:00:00Z')
  .option('--from <time>', 'when it begins; now')
  .requiredOption('--comment <text>', 'why')
  .option('--author <name>', 'who; the name you are logged in as')
  .action(async (options: NewSilence & { json?: true }) => print(await silenceAdd(options, process.env, progress), options))

silencing(silence.command('list').description('show what is silenced now or will be'))
  .action(async (options: Parameters<typeof silenceList>[0] & { json?: true }) => print(await silenceList(options, process.env, progress), options))

silencing(silence.command('end').description('end a silence now').argument('<id>', 'its number, such as 12'))
  .action(async (id: string, options: Parameters<typeof silenceList>[0] & { json?: true }) => print(await silenceEnd(id, options, process.env, progress), options))

silencing(silence.command('preview').description('show what a silence would have hidden, and change nothing'))
  .requiredOption('--match <condition>', "over alert, as in routes, such as \"alert.agent == 'billing'\"")
  .option('--since <duration>', 'how far back, such as 12h or 7d', '7d')
  .action(async (options: Parameters<typeof silencePreview>[0] & { json?: true }) => print(await silencePreview(options, process.env, progress), options))

program
  .command('template')
  .description('templates of messages')
  .command('show')
  .description('print the text of a message as a template, to begin with for one of your own')
  .argument('<message>', 'a message, such as session.failed; batch; or * for all')
  .argument('<form>', 'heading, subject, text, html, sms, chat or card')
  .option('--json', 'print JSON')
  .action((message: string, form: string, options: { json?: true }) => print(showTemplate(message, form), options))

program
  .command('test-channel')
  .description('send one message by a channel and show the conversation')
  .argument('<name>', 'channel in the configuration')
  .option('--to <address>', 'e-mail address or phone number; else everybody of the configuration who has one')
  .option('--config <file>', 'configuration file', 'tocsin.yaml')
  .option('--json', 'print JSON')
  .action(async (name: string, options: { to?: string; config: string; json?: true }) => print(await testChannel(name, options, process.env), options))

program
  .command('vapid')
  .description('make a pair of keys for a channel of type web-push')
  .option('--json', 'print JSON')
  .action((options: { json?: true }) => print(vapid(), options))

function print(report: Report, options: { readonly json?: true }): void {
  const text = options.json === true ? JSON.stringify(report.value, undefined, 2) : report.lines.map((line) => coloured(line, process.stdout)).join('\n')
  process.stdout.write(`${text}\n`)
  if (!report.ok) process.exitCode = exitCodes.failed
}

/** Progress goes beside the output, so that a script can read the output alone. */
function progress(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** What went wrong, whole and for people; with `--json` also as JSON, so that a script always finds JSON. */
function fail(failure: unknown): void {
  const known = failure instanceof TocsinError ? failure : undefined
  const message = known?.message ?? errorText(failure)
  process.stderr.write(`${colouredError(message, process.stderr)}\n`)
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ ok: false, error: { code: known?.code ?? 'failed', message } }, undefined, 2)}\n`)
  process.exitCode = known?.code === 'wrong-usage' ? exitCodes.usage : exitCodes.failed
}

addExamples(program)

try {
  await program.parseAsync()
} catch (failure) {
  if (failure instanceof CommanderError) process.exitCode = failure.exitCode === 0 ? exitCodes.done : exitCodes.usage
  else fail(failure)
}
