import { messages, type MessageId } from './message.ts'

/**
 * What of a message a template can write instead of the product.
 *
 * heading  one line: what, where, how bad, how much; stands in all other forms
 * subject  the subject of a mail, and the first line of other full messages
 * text     plain text, also beside the HTML of a mail
 * html     the page of a mail
 * sms      one line for text messages
 * chat     for chats and push: one text in place of sentences, quotations, facts and items
 * card     for chats and push: the sentences alone; quotations, facts and items stay beside them
 */
export const templateForms = ['heading', 'subject', 'text', 'html', 'sms', 'chat', 'card'] as const
export type TemplateForm = (typeof templateForms)[number]

/** Whose text it is: one message, `batch` for what was collected, `*` for all that have none of their own. */
export type TemplateName = MessageId | 'batch' | '*'
export const templateNames = [...(Object.keys(messages) as readonly MessageId[]), 'batch', '*'] as const satisfies readonly TemplateName[] // the keys of a const object

/** A template as it was written. */
export interface TemplateSource {
  readonly text: string
  /** Where it was read from, as the configuration names it. */
  readonly file?: string
}

/** Longest template, in characters. */
export const templateCharsMax = 100_000
