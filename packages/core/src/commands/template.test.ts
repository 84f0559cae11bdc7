import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { viewNames } from '../delivery/templates/view.ts'
import { TocsinError } from '../model/error.ts'
import { messages } from '../model/message.ts'
import { templateForms } from '../model/template.ts'
import { check } from './check.ts'
import { showTemplate } from './template.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-template-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function tocsin(...args: readonly string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], { cwd: folder }, (error, stdout, stderr) => resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }))
  })
}

function problemsOf(yaml: string): string {
  writeFileSync(join(folder, 'tocsin.yaml'), yaml)
  try {
    check(join(folder, 'tocsin.yaml'), {})
    return 'none'
  } catch (thrown) {
    return thrown instanceof TocsinError ? thrown.message : String(thrown)
  }
}

test('what is shown is a template that a configuration takes as it is, for every form', async () => {
  const { code, stdout } = await tocsin('template', 'show', 'session.failed', 'html')
  expect(code).toBe(0)
  writeFileSync(join(folder, 'html.liquid'), stdout)
  for (const form of templateForms) writeFileSync(join(folder, `${form}.liquid`), form === 'html' ? stdout : `${showTemplate('*', form).lines.join('\n')}\n`)
  expect(problemsOf(`templates:\n  session.failed: { html: { file: html.liquid } }\n  "*": { ${templateForms.map((form) => `${form}: { file: ${form}.liquid }`).join(', ')} }`)).toBe('none')
})

test('it is JSON for scripts, and an unknown message or form is wrong usage', async () => {
  const { stdout } = await tocsin('template', 'show', 'budget.crossed', 'sms', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ message: 'budget.crossed', form: 'sms', template: '{{ short }}{% if shortUrl %} {{ shortUrl }}{% endif %}\n', params: messages['budget.crossed'], variables: viewNames })
  const [wrongMessage, wrongForm] = [await tocsin('template', 'show', 'budget.cross', 'sms'), await tocsin('template', 'show', 'batch', 'fax')]
  expect([wrongMessage.code, wrongForm.code]).toEqual([2, 2])
  expect(wrongMessage.stderr).toContain('expected a message, one of session.started')
  expect(wrongForm.stderr).toContain('expected a form, one of heading, subject')
})

test('every wrong template of a configuration is told with file, line and path, beside the other problems', () => {
  writeFileSync(join(folder, 'wrong.liquid'), 'one\ntwo {{ heading | shout }}\n')
  const yaml = `templates:
  session.failed:
    html: { file: wrong.liquid }
    subject: "{{ params.tool }}"
  custom:
    text: |
      Hello
      {% include 'x' %}
    sms: { file: nowhere.liquid }
  sesion.failed: { text: x }
  batch: { fax: x }
people: { ana: { role: boss } }
`
  expect(problemsOf(yaml).split('\n').map((line) => line.slice(0, 150))).toEqual([
    expect.stringContaining('tocsin.yaml:10 templates.sesion.failed: expected a message, one of session.started'),
    'tocsin.yaml:11 templates.batch.fax: unknown setting, expected one of heading, subject, text, html, sms, chat, card',
    expect.stringContaining('tocsin.yaml:12 people.ana.role: expected one of owner'),
  ])
  expect(problemsOf(yaml.replace(/ {2}sesion.*\n.*\n/, '').replace(/.*nowhere.*\n/, '').replace('boss', 'admin')).split('\n').map((line) => line.slice(0, 120))).toEqual([
    expect.stringContaining('tocsin.yaml:3 templates.session.failed.html: wrong.liquid:2: there is no filter "shout"; there are'),
    expect.stringContaining('tocsin.yaml:4 templates.session.failed.subject: line 1 of the template: session.failed has no "params.tool"'),
    expect.stringContaining('tocsin.yaml:6 templates.custom.text: line 2 of the template: the tag "include" reads other files'),
  ])
  expect(problemsOf('templates: { custom: { text: { file: nowhere.liquid } } }')).toMatch(/^tocsin\.yaml:1 templates\.custom\.text: nowhere\.liquid: cannot be read \(ENOENT/)
})
