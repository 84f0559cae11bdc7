import { alertKinds, type AlertKind } from '../model/alert.ts'
import { formatDuration } from '../model/duration.ts'
import type { BuiltInRule, Setting } from '../rules/built-in.ts'

/** The documentation of the rules that come with the product, from what they declare: `docs/rules.md` is this text. */
export function rulePage(rules: readonly BuiltInRule[]): string {
  const kinds = alertKinds.filter((kind) => rules.some((rule) => rule.kind === kind))
  const sections = kinds.map((kind) => `## ${titles[kind]}\n\n| Rule | Fires | Severity | Settings |\n|---|---|---|---|\n${rules.filter((rule) => rule.kind === kind).map(row).join('\n')}`)
  return `${heading(rules)}\n\n${sections.join('\n\n')}\n\n${ending}\n`
}

const titles: Readonly<Record<AlertKind, string>> = { session: 'Sessions', model: 'Models', tool: 'Tools and agents', cost: 'Cost', system: 'The product itself' }

function heading(rules: readonly BuiltInRule[]): string {
  const off = rules.filter(({ isOff }) => isOff === true).map(({ name }) => `\`${name}\``)
  return `# Built-in rules

${rules.length} rules come with Tocsin. All are on${off.length === 0 ? '' : `, but ${off.join(', ')}`}. Each is switched off by its name, or given a severity, settings of its own, a \`runbook\` and an \`owner\`:

\`\`\`yaml
rules:
  session-started: false
  model-recorded: { on: true }
  model-slow: { after: 30s, severity: high, runbook: "https://wiki.example.com/slow-models", owner: "the model team" }
\`\`\`

A rule of your own with the same name takes its place: [rules of your own](guides/rules.md). What would a rule have told? \`npx tocsin backtest model-slow --since 7d\` says it.`
}

const ending = `## Beside these

Thresholds of [budgets](guides/budgets.md#budgets) belong to their budget. Failures that one outage causes are told with it: [outages](guides/outages.md). What is unusual is explained in
[anomalies](guides/anomalies.md), and what \`session-failed\` says of a cause in [sessions](guides/sessions.md).`

function row({ name, says, severity, isOff, settings }: BuiltInRule): string {
  const own = Object.entries(settings).map(([setting, about]) => settingText(setting, about))
  return `| \`${name}\` | ${says.en.replaceAll('|', '\\|')} | \`${severity}\`${isOff === true ? ', off' : ''} | ${own.length === 0 ? '' : own.join('; ')} |`
}

function settingText(name: string, { byDefault, says }: Setting): string {
  const value = name !== 'after' && name !== 'window' ? String(byDefault) : byDefault === 0 ? '0s' : formatDuration(byDefault)
  return `\`${name}\`: ${says.en}, \`${value}\``
}
