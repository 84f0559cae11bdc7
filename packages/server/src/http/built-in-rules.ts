import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { pack, saidIn } from 'tocsin/engine'
import { languageOf } from './language.ts'
import type { Routes } from './routes.ts'

const rule = z
  .strictObject({
    name: z.string(),
    kind: z.string(),
    severity: z.string(),
    on: z.boolean(),
    says: z.string(),
    settings: z.record(z.string(), z.strictObject({ byDefault: z.number(), says: z.string() })).meta({ description: 'What it can be given, beside severity, runbook and owner: durations in milliseconds, shares from 0 to 1.' }),
    replaced: z.boolean().meta({ description: 'A rule of one’s own has its name and takes its place.' }),
  })
  .meta({ id: 'BuiltInRule' })

/** The rules that come with the product, and whether they are on in a project. Switch one with `PUT /api/v1/rules/NAME`. */
export const builtInRuleRoutes: Routes = (untyped) => {
  const app = untyped.withTypeProvider<ZodTypeProvider>()
  app.get('/api/v1/built-in-rules', { config: { access: 'rules:read' }, schema: { summary: 'Lists the built-in rules', description: 'PUT /api/v1/rules/NAME with `false` switches one off, with `{"on": true}` one that is off on, and with settings changes it. Sentences are in the language of Accept-Language; without it in English.', tags: ['rules'], operationId: 'listBuiltInRules', response: { 200: z.strictObject({ items: z.array(rule) }) } } }, async (request) => ({
    items: pack.map(({ name, kind, severity, isOff, says, settings }) => {
      const { config } = request.project
      const locale = languageOf(request)
      const given = Object.hasOwn(config.rules, name) ? config.rules[name] : undefined
      const replaced = typeof given === 'object' && typeof given.on === 'string'
      const on = given === false ? false : replaced ? given.enabled : given?.on === true || isOff !== true
      const own = typeof given === 'object' ? given.severity : undefined
      return { name, kind, severity: own ?? severity, on, says: saidIn(says, locale), settings: Object.fromEntries(Object.entries(settings).map(([setting, one]) => [setting, { ...one, says: saidIn(one.says, locale) }])), replaced }
    }),
  }))
}
