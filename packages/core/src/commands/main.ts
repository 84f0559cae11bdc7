#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { errorText, TocsinError } from '../model/error.ts'
import { backtestRule } from './backtest.ts'
import { check } from './check.ts'
import { drain } from './drain.ts'
import { explain } from './explain.ts'
import { feedback } from './feedback.ts'
import { showInbox } from './inbox.ts'
import { init, type InitOptions } from './init.ts'
import type { Report } from './report.ts'
import { sendByHand } from './send.ts'
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

program
  .command('send')
  .description('tell people something by the routes of the configuration')
  .requiredOption('--title <text>', 'what to say, one line')
  .option('--body <text>', 'more of it')
  .option('--severity <severity>', 'critical, high, warning or info', 'high')
  .option('--to <who...>', 'people, or role:NAME')
  .option('--config <file>', 'configuration file', 'tocsin.yaml')
  .option('--data <folder>', 'folder of the database', '.tocsin')
  .option('--json', 'print JSON')
  .action(async (options: Parameters<typeof sendByHand>[0] & { json?: true }) => print(await sendByHand(options, process.env, progress), options))

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
  const text = options.json === true ? JSON.stringify(report.value, undefined, 2) : report.lines.join('\n')
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
  process.stderr.write(`${message}\n`)
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ ok: false, error: { code: known?.code ?? 'failed', message } }, undefined, 2)}\n`)
  process.exitCode = known?.code === 'wrong-usage' ? exitCodes.usage : exitCodes.failed
}

try {
  await program.parseAsync()
} catch (failure) {
  if (failure instanceof CommanderError) process.exitCode = failure.exitCode === 0 ? exitCodes.done : exitCodes.usage
  else fail(failure)
}
