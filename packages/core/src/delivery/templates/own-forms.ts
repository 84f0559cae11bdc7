import type { Card } from '../../model/card.ts'
import type { TemplateForm, TemplateName } from '../../model/template.ts'
import type { Templates } from './templates.ts'
import type { TemplateView } from './view.ts'

/**
 * Writes one form of a message by the configuration's template. Nothing where there is none, where it wrote nothing, and where
 * it failed, which was told then: the product writes that form itself.
 */
export type OwnForm = (form: TemplateForm, view: () => TemplateView) => string | undefined

export function ownForms(templates: Templates, name: Exclude<TemplateName, '*'>, onFailure: (form: TemplateForm, cause: unknown) => void): OwnForm {
  return (form, view) => {
    const template = templates.find(name, form)
    if (template === undefined) return undefined
    try {
      const written = tidy[form](template.render(view()))
      return written === '' ? undefined : written
    } catch (cause) {
      onFailure(form, cause)
      return undefined
    }
  }
}

/** A card with what templates wrote of it; markup there is none, so a text is lines. */
export function ownCard(card: Card, own: OwnForm, view: () => TemplateView, fit: (text: string) => string): Card {
  const chat = own('chat', view)
  if (chat !== undefined) {
    const { moreItems: _inTheText, ...rest } = card
    return { ...rest, lines: [fit(chat)], quotes: [], facts: [], items: [] }
  }
  const lines = own('card', view)
  return lines === undefined ? card : { ...card, lines: fit(lines).split('\n').filter((line) => line !== '') }
}

const tidy = { heading: oneLine, subject: oneLine, sms: oneLine, text: paragraphs, chat: paragraphs, card: paragraphs, html: (page: string) => page } as const satisfies Record<TemplateForm, (written: string) => string>

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** Loops leave empty lines and blanks behind: at most one empty line in a row is meant. */
function paragraphs(text: string): string {
  return text.replace(/[^\S\n]+$/gm, '').replace(/\n{3,}/g, '\n\n').trim()
}
