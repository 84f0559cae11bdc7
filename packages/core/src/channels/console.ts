import { writeSync } from 'node:fs'
import { z } from 'zod'
import type { ChannelType, Message } from '../model/channel.ts'
import type { Outcome } from '../model/outcome.ts'
import { errorText } from '../model/error.ts'
import { cutText } from './cut-text.ts'

const bodyCharsMax = 4_000
const stderrDescriptor = 2

/**
 * Prints each message to standard error as one block. Written to the descriptor itself: from a worker thread it arrives
 * at once, and a closed pipe is an error here and not an event that ends the process.
 */
export const consoleChannel: ChannelType<{ readonly insteadOf?: string | undefined }> = {
  type: 'console',
  settings: z.strictObject({
    insteadOf: z.string().max(100).optional().meta({ label: { en: 'In place of', 'zh-CN': '代替' }, description: 'Kind of channel that it stands for in continuous integration; set by the product, and shown with each message' }),
  }).meta({
    about: {
      title: { en: 'Console', 'zh-CN': '控制台' },
      description: {
        en: 'Each message as a block on standard error. On by default where no channels are configured.',
        'zh-CN': '每条消息作为一段文字写到标准错误。未配置任何渠道时默认启用。',
      },
    },
    example: `console: { type: console }`,
  }),
  address: 'none',
  shape: 'full',
  limits: { bodyCharsMax, concurrency: 1 },
  can: { deduplicates: false, resolves: true, interrupts: false },
  create: ({ insteadOf }) => ({ send: async (message) => print(block(message, insteadOf)) }),
}

/** The message as lines: its subject, which says how urgent it is, and the text indented below it. */
function block(message: Message, insteadOf?: string): string {
  const lines = cutText(message.text, bodyCharsMax, '… (cut)').split('\n')
  const body = lines.map((line) => (line.trim() === '' ? '' : `  ${visible(line)}`)).join('\n').trimEnd()
  const shown = insteadOf === undefined ? '' : ` (in place of ${visible(insteadOf)}, because of CI)`
  return `tocsin${shown} ${visible(message.subject)}\n${body === '' ? '' : `${body}\n`}`
}

/** Control characters and marks that turn the direction of text could forge lines on a terminal. */
function visible(line: string): string {
  return line.replaceAll('\t', '  ').replaceAll(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, '·')
}

function print(text: string): Outcome {
  try {
    const bytes = Buffer.from(text)
    for (let written = 0; written < bytes.length; ) written += writeSync(stderrDescriptor, bytes, written)
    return { kind: 'sent' }
  } catch (failed) {
    const code = failed instanceof Error && 'code' in failed ? String(failed.code) : 'unknown'
    // A full pipe empties again; a closed one stays closed.
    if (code === 'EAGAIN') return { kind: 'retry', code, detail: 'standard error cannot take more just now' }
    return { kind: 'bad-config', code, detail: `standard error cannot be written: ${errorText(failed)}` }
  }
}
