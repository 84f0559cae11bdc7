import type { TemplateForm, TemplateName, TemplateSource } from '../../model/template.ts'
import { compileTemplate, type Compiled } from './liquid.ts'

/** Templates of a configuration: name → form → text. */
export type TemplateSources = Readonly<Partial<Record<string, Readonly<Partial<Record<TemplateForm, TemplateSource>>>>>>

/** Templates ready to render. */
export interface Templates {
  /** The one for this message, else the one for all. */
  find(name: Exclude<TemplateName, '*'>, form: TemplateForm): Compiled | undefined
}

/**
 * @returns nothing where there are no templates, so that nothing of them is ever asked or loaded
 * @throws TemplateProblem where one is none; a configuration that was checked has only right ones
 */
export function createTemplates(sources: TemplateSources): Templates | undefined {
  const compiled = new Map<string, Compiled>()
  for (const [name, forms] of Object.entries(sources)) {
    for (const [form, source] of Object.entries(forms ?? {}) as [TemplateForm, TemplateSource][]) compiled.set(`${name} ${form}`, compileTemplate(source.text, form)) // the entries of a record of forms
  }
  return compiled.size === 0 ? undefined : { find: (name, form) => compiled.get(`${name} ${form}`) ?? compiled.get(`* ${form}`) }
}
