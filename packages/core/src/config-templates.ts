import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Problem } from './config-source.ts'
import { configSchema, type Config } from './model/config.ts'
import { errorText } from './model/error.ts'
import { templateCharsMax, type TemplateSource } from './model/template.ts'

/**
 * The templates of a configuration, those in files read. Where the section does not fit the schema there are none: the schema
 * says so.
 *
 * @param folder of the configuration; absolute paths stand for themselves
 */
export function readTemplates(data: unknown, folder: string): { readonly templates: Config['templates']; readonly problems: readonly Problem[] } {
  const section: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, 'templates') : undefined
  const parsed = configSchema.shape.templates.safeParse(section)
  if (!parsed.success) return { templates: {}, problems: [] }
  const problems: Problem[] = []
  const read = (source: TemplateSource, path: Problem['path']): TemplateSource => {
    if (source.file === undefined) return source
    try {
      const text = readFileSync(resolve(folder, source.file), 'utf8')
      if (text.length > templateCharsMax) problems.push({ path, text: `${source.file}: expected at most ${templateCharsMax} characters, found ${text.length}` })
      return { ...source, text }
    } catch (unreadable) {
      problems.push({ path, text: `${source.file}: cannot be read (${errorText(unreadable)})` })
      return source
    }
  }
  const templates = Object.fromEntries(
    Object.entries(parsed.data).map(([name, forms]) => [name, Object.fromEntries(Object.entries(forms).flatMap(([form, source]) => (source === undefined ? [] : [[form, read(source, ['templates', name, form])] as const])))]),
  )
  return { templates, problems }
}
