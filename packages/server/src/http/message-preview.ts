import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { messageOf, roles, templateForms, templateNames, type Alert, type Config } from 'tocsin/engine'
import type { RunningProject } from '../projects/projects.ts'
import { kindOf } from '../projects/kinds.ts'
import { alertId, isTimezone, numberOf } from './lists/asking.ts'
import { messageAnswer, messageShape } from './lists/message-shape.ts'
import { Problem, sentencesFor } from './problem.ts'
import type { Routes } from './routes.ts'

const templateChars = 100_000
const written = templateNames.filter((name) => name !== '*')

const body = z
  .strictObject({
    message: z.enum(written).optional().meta({ description: 'A message of the product, with likely values.' }),
    rule: z.string().min(1).max(64).optional().meta({ description: 'Or what this rule or budget says: its last alert where there is one, else likely values.' }),
    alert: alertId.optional().meta({ description: 'Or this alert.' }),
    channel: z.string().min(1).max(64).optional().meta({ description: 'A channel of the configuration.' }),
    channelType: z.string().min(1).max(64).optional().meta({ description: 'Or a type of channel as it is by default.' }),
    news: z.enum(['firing', 'resolved']).default('firing'),
    person: z.string().min(1).max(64).optional().meta({ description: 'Whose message: language, time zone and role are theirs unless they are given.' }),
    role: z.enum(roles).optional().meta({ description: 'Whose parts are left out. Default: that of the person, else admin.' }),
    locale: z.string().min(1).max(35).optional(),
    timezone: z.string().min(1).max(60).optional(),
    template: z
      .strictObject({ name: z.enum(templateNames), forms: z.partialRecord(z.enum(templateForms), z.string().max(templateChars)) })
      .optional()
      .meta({ description: 'A draft, in place of what is configured under this name.' }),
  })
  .refine(({ message, rule, alert }) => [message, rule, alert].filter((one) => one !== undefined).length === 1, { error: 'expected a message, a rule or an alert: exactly one of the three' })
  .refine(({ channel, channelType }) => (channel === undefined) !== (channelType === undefined), { error: 'expected a channel or a channelType: exactly one of the two' })

const answer = z
  .strictObject({
    message: messageShape,
    of: z.enum(['sample', 'alert']).meta({ description: 'Of what it was written.' }),
    isForThem: z.boolean().meta({ description: 'Whether this role is told of such news at all.' }),
    faults: z.array(z.string()).meta({ description: 'Forms of templates that could not be used, and why: what the product writes stands in their place.' }),
  })
  .meta({ id: 'MessagePreview' })

/** What a message would look like, by what writes messages. Nothing is sent. */
export const messagePreviewRoutes: Routes = (untyped, { store, configuration }) => {
  const app = untyped.withTypeProvider<ZodTypeProvider>()
  app.post('/api/v1/messages/preview', { config: { access: 'templates:read' }, schema: { summary: 'Shows what a message would look like', description: 'For a channel, a language and a reader, with a draft of a template if one is given. Nothing is sent.', tags: ['messages'], operationId: 'previewMessage', body, response: { 200: answer } } }, async (request) => {
    const { body: asked, project } = request
    const { channel, channelType = '', news, template } = asked
    const alert = await alertOf(project, asked)
    const message = asked.message ?? (asked.rule === undefined ? undefined : messageOf(project.config, asked.rule))
    if (alert === undefined && message === undefined) throw notThere('/rule', `there is no rule and no budget "${asked.rule ?? ''}"`)
    if (channel !== undefined && !project.engine.channels.some(({ name }) => name === channel)) throw notThere('/channel', `there is no channel "${channel}"`)
    const { message: seen, isForThem, faults } = project.engine.messages.preview({
      of: alert === undefined ? { message: message ?? 'custom' } : { alert },
      by: channel === undefined ? { type: channelType } : { channel },
      news, reader: readerOf(project.config, asked),
      ...(template !== undefined && { templates: await withDraft(project.name, template) }),
    })
    return { message: messageAnswer(seen), of: alert === undefined ? ('sample' as const) : ('alert' as const), isForThem, faults: faults.map(sentencesFor(request)) }
  })

  const names = { messages: [...written], forms: [...templateForms] }
  app.get('/api/v1/messages/names', { config: { access: 'templates:read' }, schema: { summary: 'Lists what templates can be written for', description: 'The messages of the product, and the forms of each.', tags: ['messages'], operationId: 'listMessageNames', response: { 200: z.strictObject({ messages: z.array(z.enum(written)), forms: z.array(z.enum(templateForms)) }) } } }, async () => names)

  async function alertOf({ name }: RunningProject, { alert, rule }: z.output<typeof body>): Promise<Alert | undefined> {
    if (alert !== undefined) {
      const found = (await store.read.alertsNumbered(name, [numberOf(alert)])).get(numberOf(alert))
      if (found === undefined) throw new Problem(404, 'not-found', `There is no alert ${alert} in project ${name}.`)
      return found
    }
    return rule === undefined ? undefined : (await store.read.listAlerts({ project: name, rule, limit: 1 })).items[0]
  }

  async function withDraft(project: string, { name, forms }: NonNullable<z.output<typeof body>['template']>): Promise<Config['templates']> {
    const { places, config } = await configuration.check(project, [{ kind: kindOf('templates'), name, value: forms }])
    if (config === undefined) throw new Problem(422, 'invalid', 'The template is not as expected.', { places: places.map(({ pointer, detail }) => ({ pointer: pointer.replace(/^\/0\/value/, '/template/forms'), detail })) })
    return config.templates
  }
}

function readerOf({ people, defaults }: Config, { person, role, locale, timezone }: z.output<typeof body>) {
  const settings = person !== undefined && Object.hasOwn(people, person) ? people[person] : undefined
  if (person !== undefined && settings === undefined) throw notThere('/person', `there is no person "${person}"`)
  const zone = timezone ?? settings?.timezone ?? defaults.timezone
  if (!isTimezone(zone)) throw notThere('/timezone', 'not a time zone that is known here')
  return { person: person ?? 'dana', role: role ?? settings?.role ?? ('admin' as const), locale: locale ?? settings?.locale ?? defaults.locale, timezone: zone }
}

function notThere(pointer: string, detail: string): Problem {
  return new Problem(422, 'invalid', 'One place is not as expected.', { places: [{ pointer, detail }] })
}
