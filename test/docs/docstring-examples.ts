import { textOf } from './snippets.ts'
import type { Source } from './world.ts'

/** Files whose exports leave by the public door. */
const publicFiles = ['client.ts', 'decorators.ts', 'notification-manager.ts', 'redact.ts', 'explain-failure.ts', 'price-of.ts']

/** What an example may use without saying where it comes from, unless it makes it itself. */
const surroundings: Readonly<Record<string, string>> = {
  init: "import { init } from 'tocsin'",
  NotificationManager: "import { NotificationManager } from 'tocsin'",
  explainFailure: "import { explainFailure } from 'tocsin'",
  priceOf: "import { priceOf } from 'tocsin'",
  redact: "import { redact } from 'tocsin'",
  session: "import { session } from 'tocsin'",
  tool: "import { tool } from 'tocsin'",
  OpenAI: "import OpenAI from 'openai'",
  NodeTracerProvider: "import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'",
  z: "import { z } from 'zod'",
  tocsin: "declare const tocsin: import('tocsin').Client",
  manager: "declare const manager: import('tocsin').NotificationManager",
  answer: 'declare function answer(...given: readonly unknown[]): Promise<string>',
  ticket: 'declare const ticket: { readonly user: string }',
  Ticket: 'interface Ticket { readonly user: string }',
}

/** The `@example`s of the public door, as programs that type-check. */
export function docstringExamples(): readonly Source[] {
  return publicFiles.flatMap((file) => examplesIn(textOf(`packages/core/src/${file}`)).map((text, index) => ({ name: `example-${file.replace('.ts', '')}-${index + 1}`, text: complete(text) })))
}

function examplesIn(source: string): readonly string[] {
  return [...source.matchAll(/\/\*\*[^]*?\*\//g)].flatMap(([comment]) => {
    const lines = comment.replace(/\s*\*\/$/, '').split('\n').map((line) => line.replace(/^\s*\/?\*+ ?/, ''))
    const [, ...examples] = lines.join('\n').split(/^@example ?/m)
    return examples.map((example) => example.split(/^@\w/m)[0] ?? '')
  })
}

function complete(example: string): string {
  // What the reader fills in.
  const text = example.replaceAll('…', '')
  const missing = Object.entries(surroundings).flatMap(([name, line]) => (new RegExp(`\\b${name}\\b`).test(text) && !new RegExp(`(?:const|let|interface|class) ${name}\\b`).test(text) ? [line] : []))
  return `${missing.join('\n')}\n${text}\nexport {}\n`
}
