import type { ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { aboutType, channelTypes, NotificationManager, settingFields, settingKinds, shownAddress, withShownAddress } from 'tocsin/engine'
import { recordChange } from '../access/audit.ts'
import { escaped } from '../projects/merge.ts'
import { AtOnce } from './at-once.ts'
import { languageOf } from './language.ts'
import { Problem, sentencesFor } from './problem.ts'
import type { Routes } from './routes.ts'

const testsAtOnce = 4
const testMs = 15_000

const field = z.strictObject({
  name: z.string(),
  kind: z.enum(['text', 'number', 'boolean', 'list', 'pairs']).meta({ description: 'What is typed: a line, a number, yes or no, texts in a list, or texts each with a name.' }),
  label: z.string(),
  hint: z.string().optional(),
  required: z.boolean(),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  secret: z.boolean(),
})

const channelType = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    description: z.string(),
    credentials: z.string().meta({ description: 'Where its credentials are made.' }),
    address: z.string().meta({ description: 'Which address of a person it needs; `none`: the channel itself is the address.' }),
    docs: z.string(),
    fields: z.array(field),
  })
  .meta({ id: 'ChannelType' })

const testResult = z
  .strictObject({
    ok: z.boolean(),
    to: z.string(),
    outcome: z.strictObject({ kind: z.string(), code: z.string().optional(), detail: z.string().optional() }),
    conversation: z.array(z.strictObject({ from: z.enum(['us', 'them']), text: z.string() })),
  })
  .meta({ id: 'ChannelTest' })

/** What forms for channels are made of, and whether a channel works. */
export const channelToolRoutes: Routes = (untyped, { database, clock }) => {
  const app = untyped.withTypeProvider<ZodTypeProvider>()
  const tests = new AtOnce(testsAtOnce, 'tests of channels')

  app.get('/api/v1/channel-types', { config: { access: 'channels:read' }, schema: { summary: 'Lists the kinds of channel', description: 'With their fields, in the order of a form, in the language of Accept-Language; without it in English.', tags: ['channels'], operationId: 'listChannelTypes', response: { 200: z.strictObject({ items: z.array(channelType) }) } } }, async (request) => ({
    items: [...channelTypes.values()].map((type) => {
      const locale = languageOf(request)
      const { title, description, credentials } = aboutType(type, locale)
      const kinds = settingKinds(type)
      return { type: type.type, title, description, credentials, address: type.address, docs: `docs/channels/${type.type}.md`, fields: settingFields(type, locale).map(({ mayBeFile: _onlyInTheFile, ...shown }) => ({ ...shown, kind: kinds[shown.name] ?? 'text' })) }
    }),
  }))

  app.post('/api/v1/channels/:name/test', { config: { access: 'channels:write' }, schema: { summary: 'Sends one test message', description: 'By the channel as it is in force: at once and once, and what was said to the provider and answered, without secrets.', tags: ['channels'], operationId: 'testChannel', params: z.strictObject({ name: z.string().max(64) }), body: z.strictObject({ to: z.string().min(1).max(2_000).optional().meta({ description: 'An address of the kind that the channel needs.' }) }).optional(), response: { 200: testResult } } }, async (request) => {
    const { params: { name }, body, project, principal, ip } = request
    const say = sentencesFor(request)
    const settings = Object.hasOwn(project.config.channels, name) ? project.config.channels[name] : undefined
    if (settings === undefined) throw new Problem(404, 'not-found', `There is no channel "${name}" in project ${project.name}.`)
    return tests.run(async () => {
      // What is in force has no names of the environment in it any more: what looks like one is meant as it stands.
      const channels = { [name]: { ...settings, ...fieldsOf(escaped(settings)) } }
      const manager = new NotificationManager({ channels, content: 'full', deadlineMs: testMs })
      try {
        const to = body?.to ?? ''
        const { outcome, conversation } = await manager.test(name, body?.to)
        await recordChange({ db: database.db, clock }, { project: project.name, principal, action: 'channels.test', target: name, after: { outcome: outcome.kind }, address: ip })
        const { code, detail } = 'code' in outcome ? outcome : { code: undefined, detail: undefined }
        return {
          ok: outcome.kind === 'sent',
          to: shownAddress(to),
          outcome: { kind: outcome.kind, ...(code !== undefined && { code }), ...(detail !== undefined && { detail: say(withShownAddress(detail, to)) }) },
          conversation: conversation.map(({ from, text }) => ({ from, text: to === '' ? text : withShownAddress(text, to) })),
        }
      } finally {
        await manager.close()
      }
    })
  })
}

function fieldsOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}
