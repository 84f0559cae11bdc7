import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { alertmanagerRate } from './alertmanager.ts'
import { withBuiltServer } from './built-server.ts'
import type { Benchmark, Row } from './figure.ts'
import { spansEach } from './otlp-body.ts'
import { otlpConfig, type OtlpWork } from './otlp-config.ts'
import type { DecodeReport } from './otlp-decode-process.ts'
import type { LoadReport } from './otlp-load-process.ts'
import type { ListsData } from './lists-data.ts'
import { rssMb } from './resident-memory.ts'
import { copyStored, eventsStored, makeKey, storedData } from './stored.ts'
import { inTemporaryFolder } from './temporary-folder.ts'

const warmUpMs = 5_000
const measuredMs = 15_000
/** Requests under way at a time. Of 500 spans each, at 20,000 spans a second each is answered in a tenth of a second. */
const connections = 4
const sourceOnly = ['--conditions=tocsin-source']
/** As in `npm start`, the image and `deploy/tocsin.service`: Node would take three times as much for what is young, and be no faster. */
const asDeployed = ['--max-semi-space-size=16']

/**
 * OTLP in protobuf from the socket to the commit: decoded, mapped, normalised, redacted, priced, seen by twenty rules beside the built-in
 * ones and a budget, and stored with synchronous=FULL. One server process on the first core, the load on the second.
 */
export const otlp: Benchmark = {
  name: 'otlp',
  title: `OTLP, ${spansEach} spans a request, 15 attributes each`,
  async run(progress) {
    progress('decoding alone')
    const decoded = await output<DecodeReport>('otlp-decode-process.ts', [], 1)
    const data = await storedData(progress)
    const [whole, stored, alone] = await withBuiltServer('otlp-server-process.ts', async (built) => {
      progress('HTTP to the commit, with rules')
      const withRules = await underLoad(built, 'rules')
      progress(`the same with ${eventsStored.toLocaleString('en-US')} events stored`)
      const withStored = await underLoad(built, 'rules', data)
      progress('HTTP to the commit, nothing that looks at events')
      return [withRules, withStored, await underLoad(built, 'alone')]
    })
    progress('Alertmanager')
    const rival = await alertmanagerRate()
    const pinned = isPinning() ? 'server on one core, load on another' : 'cores are shared: no taskset here'
    return [
      { what: 'reading alone: protobuf', value: decoded.protobuf, unit: '/s' },
      { what: 'reading alone: protobuf, unpacked from gzip', value: decoded.packed, unit: '/s' },
      { what: 'reading alone: JSON', value: decoded.json, unit: '/s' },
      { what: 'HTTP → committed, 20 rules, prices, redaction: spans', value: whole.spansPerSecond, unit: '/s', target: { atLeast: 20_000 }, note: pinned },
      { what: '  processor time of the server a span', value: whole.cpuUs, unit: 'µs' },
      { what: '  a request, half of them within', value: whole.p50Ms, unit: 'ms' },
      { what: '  a request, 99 of 100 within', value: whole.p99Ms, unit: 'ms', target: { atMost: 250 } },
      { what: '  memory of the server under that load', value: whole.rssMb, unit: 'MB', target: { atMost: 330 } },
      { what: `  the same with ${eventsStored.toLocaleString('en-US')} events and ${data.notifications.toLocaleString('en-US')} notifications stored before: spans`, value: stored.spansPerSecond, unit: '/s', note: `99 of 100 requests within ${stored.p99Ms.toFixed(0)} ms, ${stored.rssMb.toFixed(0)} MB` },
      { what: '  of the rate with none stored', value: stored.spansPerSecond / whole.spansPerSecond, unit: '×', target: { atLeast: 0.85 }, note: `processor time of the server a span ${stored.cpuUs.toFixed(1)} µs` },
      { what: 'HTTP → committed, accept and store alone: spans', value: alone.spansPerSecond, unit: '/s', target: { atLeast: 40_000 } },
      { what: '  processor time of the server a span', value: alone.cpuUs, unit: 'µs' },
      { what: '  a request, 99 of 100 within', value: alone.p99Ms, unit: 'ms' },
      rival === undefined ? { what: 'Alertmanager: alerts accepted', skipped: 'prometheus-alertmanager is not installed' } : { what: 'Alertmanager: alerts accepted, in memory', value: rival.alertsPerSecond, unit: '/s', note: `${rival.alerts.toLocaleString('en-US')} groups, ${rival.rssMb.toFixed(0)} MB` },
    ] satisfies readonly Row[]
  },
}

interface Loaded extends LoadReport {
  readonly rssMb: number
  /** Processor time of the server for one span, in microseconds: what is left to compare where a machine has other work too. */
  readonly cpuUs: number
}

/** @param data what is stored before; absent: nothing */
async function underLoad(built: string, work: OtlpWork, data?: ListsData): Promise<Loaded> {
  return inTemporaryFolder(async (folder) => {
    const file = join(folder, 'tocsin.yaml')
    writeFileSync(file, JSON.stringify(otlpConfig(work)))
    if (data !== undefined) await copyStored(data, folder)
    const made = data === undefined ? undefined : await makeKey(folder, 'ingest')
    const [program, ...words] = onCore([process.execPath, ...asDeployed, built, file, folder], 0)
    const server = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'] })
    const ended = once(server, 'exit')
    try {
      const [line] = (await Promise.race([once(createInterface(server.stdout), 'line'), ended.then(() => Promise.reject(new Error('the server ended before it listened')))])) as [string]
      // What our own process prints.
      const { url, key = made ?? '' } = JSON.parse(line) as { url: string; key?: string }
      let before = Number.NaN
      const report = await output<LoadReport>('otlp-load-process.ts', [url, key, String(warmUpMs), String(measuredMs), String(connections)], 1, () => (before = cpuMs(server.pid)))
      if (report.failed > 0) throw new Error(`expected every request to be taken, ${report.failed} were not`)
      return { ...report, rssMb: rssMb(server.pid), cpuUs: ((cpuMs(server.pid) - before) * 1_000) / report.spansTaken }
    } finally {
      server.stdin.end()
      await ended
    }
  })
}

/** What one of our processes prints at its end, as JSON. @param warm called when it has printed something before */
async function output<T>(file: string, words: readonly string[], core: number, warm: () => void = () => undefined): Promise<T> {
  const [program, ...rest] = command(file, words, core)
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'], timeout: 120_000 })
  let last = ''
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === '') warm()
    last = line
  }
  return JSON.parse(last) as T
}

function command(file: string, words: readonly string[], core: number): [string, ...string[]] {
  return onCore([process.execPath, ...sourceOnly, fileURLToPath(new URL(file, import.meta.url)), ...words], core)
}

function onCore(words: [string, ...string[]], core: number): [string, ...string[]] {
  return isPinning() ? ['taskset', '-c', String(core), ...words] : words
}

function isPinning(): boolean {
  try {
    accessSync('/usr/bin/taskset')
    return true
  } catch {
    return false
  }
}

/** Of all its threads, in user and kernel mode; Linux counts hundredths of a second. */
function cpuMs(pid: number | undefined): number {
  try {
    const [user, kernel] = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ').slice(11, 13)
    return (Number(user) + Number(kernel)) * 10
  } catch {
    return Number.NaN
  }
}
