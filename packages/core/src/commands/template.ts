import { defaultTemplates } from '../delivery/templates/defaults.ts'
import { paramsFor, viewNames } from '../delivery/templates/view.ts'
import { TocsinError } from '../model/error.ts'
import { templateForms, templateNames } from '../model/template.ts'
import type { Report } from './report.ts'

/** The built-in text of a message in one form, as a template: what to begin with for one's own. Throws where there is no such message or form. */
export function showTemplate(message: string, form: string): Report {
  const name = templateNames.find((one) => one === message)
  if (name === undefined) throw new TocsinError('wrong-usage', `expected a message, one of ${templateNames.join(', ')}, found "${message}"`)
  const known = templateForms.find((one) => one === form)
  if (known === undefined) throw new TocsinError('wrong-usage', `expected a form, one of ${templateForms.join(', ')}, found "${form}"`)
  const template = defaultTemplates[known]
  return { lines: template.replace(/\n$/, '').split('\n'), value: { ok: true, message: name, form: known, template, variables: viewNames, params: paramsFor(name) }, ok: true }
}
