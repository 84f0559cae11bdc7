import type { Command } from 'commander'

/** What is shown under the options of each command: words as they are typed, without `tocsin`. A test parses each. */
export const examples: Readonly<Record<string, readonly string[]>> = {
  'init': ['init', 'init --for me --channel inbox --budget 100'],
  'ack': ['ack alt_51', 'ack dlv_12 --by dana'],
  'unack': ['unack alt_51'],
  'snooze': ['snooze alt_51 --for 2h'],
  'unsnooze': ['unsnooze alt_51'],
  'resolve': ['resolve alt_51 alt_52'],
  'expected': ['expected alt_51 --for 7d'],
  'unexpected': ['unexpected alt_51'],
  'backtest': ['backtest session-failed --since 7d', 'backtest team-month --json'],
  'check': ['check', 'check staging.yaml --json'],
  'completion': ['completion bash', 'completion fish'],
  'drain': ['drain --seconds 20'],
  'explain': ['explain alt_51', 'explain dlv_12 --locale zh-CN --timezone Asia/Shanghai'],
  'feedback': ['feedback alt_51 expected', 'feedback alt_51 not-useful'],
  'inbox': ['inbox --limit 5'],
  'pause': ['pause --by dana'],
  'resume': ['resume'],
  'route': ['route alt_51', 'route alert.json --at 2026-11-22T23:00:00+08:00'],
  'report': ['report --day', 'report --week --person dana'],
  'send': ['send --title "Approval waits" --severity critical --to dana', 'send --title "Import finished" --body "12 files" --severity info'],
  'serve': ['serve', 'serve --port 4320 --data /var/lib/tocsin', 'serve --host 0.0.0.0 --behind-proxy --log-level info', 'serve --database-url postgres://tocsin@localhost/tocsin'],
  'secrets rotate': ['secrets rotate --data ./data'],
  'keys create': ['keys create --name ci', 'keys create --name prometheus --scope read --expires 90d'],
  'keys list': ['keys list --json'],
  'keys revoke': ['keys revoke key_1f3a5c7e9b2d4f60'],
  'owner-link': ['owner-link --url https://tocsin.example.com'],
  'audit': ['audit --limit 20', 'audit --action keys'],
  'migrate': ['migrate --from sqlite --to postgres --database-url postgres://tocsin@localhost/tocsin'],
  'backup': ['backup tocsin.backup'],
  'restore': ['restore tocsin.backup --data ./restored --hold', 'restore --resume --data ./restored'],
  'data export': ['data export --person dana --out dana.jsonl'],
  'data erase': ['data erase --user user-7'],
  'silence add': ['silence add --match "alert.agent == \'billing\'" --for 2h --comment "new version"'],
  'silence list': ['silence list'],
  'silence end': ['silence end 12'],
  'silence preview': ['silence preview --match "alert.agent == \'billing\'" --since 7d'],
  'template show': ['template show session.failed html'],
  'test-channel': ['test-channel ops-mail --to dana@example.com'],
  'vapid': ['vapid'],
}

/** Puts the examples under the help of every command that has some. */
export function addExamples(command: Command, path = ''): void {
  for (const one of command.commands) {
    const at = path === '' ? one.name() : `${path} ${one.name()}`
    const own = Object.hasOwn(examples, at) ? (examples[at] ?? []) : []
    if (own.length > 0) one.addHelpText('after', `\n${own.length === 1 ? 'Example' : 'Examples'}:\n${own.map((words) => `  tocsin ${words}`).join('\n')}`)
    addExamples(one, at)
  }
}
