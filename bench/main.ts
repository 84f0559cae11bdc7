import { parseArgs } from 'node:util'
import { systemClock } from '../packages/core/src/model/clock.ts'
import { channels } from './channels.ts'
import { dashboard } from './dashboard.ts'
import { detection } from './detection.ts'
import { isMet, type Benchmark, type Row } from './figure.ts'
import { held } from './held.ts'
import { importing } from './importing.ts'
import { latency } from './latency.ts'
import { lists } from './lists.ts'
import { loopDelay } from './loop-delay.ts'
import { describeMachine } from './machine.ts'
import { otlp } from './otlp.ts'
import { postgres } from './postgres.ts'
import { record } from './record.ts'
import { render } from './render.ts'
import { similar } from './similar.ts'
import { storm } from './storm.ts'
import { machineLines, tableLines } from './table.ts'
import { throughput } from './throughput.ts'

/**
 * `npm run bench [-- NAME …] [--json]`: measures the product's promises about speed and memory, each beside its target.
 * Exit codes: 0 measured (whether or not a target is met), 1 a benchmark broke, 2 wrong usage.
 */
const benchmarks: readonly Benchmark[] = [record, loopDelay, importing, detection, throughput, latency, channels, render, similar, storm, held, lists, otlp, postgres, dashboard]

// In continuous integration messages are shown on the console; here they are sent.
delete process.env['CI']
const { names, json } = usage()
const chosen = names.length === 0 ? benchmarks : benchmarks.filter(({ name }) => names.includes(name))
const machine = describeMachine(systemClock.nowMs())
const command = ['npm run bench', ...(names.length === 0 && !json ? [] : ['--', ...names, ...(json ? ['--json'] : [])])].join(' ')
const results: { readonly name: string; readonly title: string; readonly rows: readonly Row[] }[] = []

if (!json) for (const line of machineLines(machine, command)) console.log(line)
for (const benchmark of chosen) {
  const { name, title } = benchmark
  const sinceMs = systemClock.monotonicMs()
  try {
    const rows = await benchmark.run((doing) => progress(`${name}: ${doing}`))
    progress('')
    results.push({ name, title, rows })
    const seconds = ((systemClock.monotonicMs() - sinceMs) / 1_000).toFixed(0)
    if (!json) for (const line of ['', ...tableLines(`${name} · ${title} (${seconds} s)`, rows, process.stdout.columns ?? 100)]) console.log(line)
  } catch (failure) {
    progress('')
    console.error(`${name} broke:`, failure)
    process.exitCode = 1
  }
}
const figures = results.flatMap(({ rows }) => rows.flatMap((row) => ('skipped' in row || row.target === undefined ? [] : [row])))
if (json) console.log(JSON.stringify({ machine, command, results: results.map((one) => ({ ...one, rows: one.rows.map((row) => ('skipped' in row ? row : { ...row, met: isMet(row) })) })) }, undefined, 2))
else console.log(`\n${figures.filter((figure) => isMet(figure) === true).length} of ${figures.length} targets met`)

function usage(): { readonly names: readonly string[]; readonly json: boolean } {
  const known = benchmarks.map(({ name }) => name)
  try {
    const { values, positionals } = parseArgs({ options: { json: { type: 'boolean', default: false } }, allowPositionals: true })
    const unknown = positionals.find((name) => !known.includes(name))
    if (unknown === undefined) return { names: positionals, json: values.json }
    console.error(`There is no benchmark "${unknown}".`)
  } catch (wrong) {
    console.error(wrong instanceof Error ? wrong.message : String(wrong))
  }
  console.error(`usage: npm run bench [-- ${known.join(' | ')}] [--json]`)
  process.exit(2)
}

/** One line that is overwritten, for a person who waits; nothing where nobody does. */
function progress(doing: string): void {
  if (!process.stderr.isTTY) return
  process.stderr.write(`\r\u001B[2K${doing}`)
}
