import type { Event } from '../../model/event.ts'
import type { Answer } from './walk.ts'

/** Reasons to end without text that are no lack: a tool was asked for, or the program stopped reading. */
const complete: readonly (string | undefined)[] = ['tool-calls', 'stopped-reading']

/** What an answer lacks; nothing where it is whole, or the call failed. The same signs by which `model-cut`, `model-refused` and `model-empty` go. */
export function lackOf({ llm, status, detail }: Pick<Event, 'llm' | 'status' | 'detail'>): Answer['lack'] | undefined {
  if (llm === undefined || status === 'error') return undefined
  const { finishReason, answerChars, operation } = llm
  if (finishReason === 'length') return 'cut'
  if (finishReason === 'content-filter' || llm.flaw === 'refusal') return 'refused'
  if (operation !== 'chat' && operation !== 'completion') return undefined
  const isEmpty = answerChars === undefined ? llm.outputTokens === 0 : answerChars === 0
  return isEmpty && !complete.includes(finishReason) && detail?.['toolCalls'] === undefined ? 'empty' : undefined
}
