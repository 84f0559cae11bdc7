import { createRenderer } from '../render.ts'
import type { ChannelType } from '../../model/channel.ts'
import { errorText } from '../../model/error.ts'
import { templateNames, type TemplateForm, type TemplateName, type TemplateSource } from '../../model/template.ts'
import { compileTemplate, TemplateProblem, type Compiled } from './liquid.ts'
import { sampleNotifications } from './samples.ts'
import { createTemplates, type TemplateSources } from './templates.ts'
import { alertFields, paramsFor, viewNames } from './view.ts'

export interface FaultyTemplate {
  readonly name: string
  readonly form: string
  /** What is wrong, with file and line where they are known. */
  readonly text: string
}

/** Everything that is wrong with these templates and can be known before a message is written: each is compiled and tried. */
export function faultyTemplates(sources: TemplateSources): readonly FaultyTemplate[] {
  return Object.entries(sources).flatMap(([name, forms]) =>
    Object.entries(forms ?? {}).flatMap(([form, source]) => {
      const problem = problemOf(name as TemplateName, form as TemplateForm, source) // a configuration that fits the schema has only these
      return problem === undefined ? [] : [{ name, form, text: `${placeOf(source, problem.line)}${problem.text}` }]
    }),
  )
}

interface Fault {
  readonly text: string
  readonly line?: number | undefined
}

function problemOf(name: TemplateName, form: TemplateForm, source: TemplateSource): Fault | undefined {
  let compiled: Compiled
  try {
    compiled = compileTemplate(source.text, form)
  } catch (wrong) {
    return faultOf(wrong)
  }
  return unknownName(compiled, name) ?? failure(name, form, source)
}

function unknownName({ reads }: Compiled, name: TemplateName): Fault | undefined {
  for (const { path, line } of reads) {
    const [root = '', field = ''] = path
    if (!viewNames.includes(root)) return { line, text: `there is no "${root}"; there are ${viewNames.join(', ')}` }
    const known: readonly string[] | undefined = root === 'alert' ? alertFields : root === 'params' || root === 'numbers' ? paramsFor(name) : undefined
    if (known !== undefined && field !== '' && !known.includes(field)) return { line, text: `${name === '*' ? 'no message has' : `${name} has no`} "${root}.${field}"${known.length === 0 ? '' : `; there are ${known.join(', ')}`}` }
  }
  return undefined
}

/** Written for samples of every message that it would be used for, in two languages. */
function failure(name: TemplateName, form: TemplateForm, source: TemplateSource): Fault | undefined {
  const templates = createTemplates({ [name]: { [form]: source } })
  let found: unknown
  const render = createRenderer({ redact: (text) => text, templates, onFailure: (_message, cause) => (found ??= cause) })
  for (const message of name === '*' ? templateNames.filter((one) => one !== '*') : [name]) {
    for (const locale of ['en', 'zh-CN']) {
      for (const notification of sampleNotifications(message, locale)) {
        render(notification, { type: { shape: shapeFor[form] }, limits: { bodyCharsMax: 10_000 }, messageId: 'sample', possiblyRepeated: false, nowMs: notification.createdAtMs })
        if (found !== undefined) return faultOf(found instanceof Error && found.cause instanceof TemplateProblem ? found.cause : found)
      }
    }
  }
  return undefined
}

const shapeFor = { heading: 'full', subject: 'full', text: 'full', html: 'mail', sms: 'short', chat: 'card', card: 'card' } as const satisfies Record<TemplateForm, ChannelType['shape']>

function faultOf(wrong: unknown): Fault {
  return { text: errorText(wrong), ...(wrong instanceof TemplateProblem ? { line: wrong.line } : {}) }
}

function placeOf({ file }: TemplateSource, line: number | undefined): string {
  if (file === undefined) return line === undefined ? '' : `line ${line} of the template: `
  return `${file}${line === undefined ? '' : `:${line}`}: `
}
