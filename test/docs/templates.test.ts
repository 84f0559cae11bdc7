import { expect, test } from 'vitest'
import { viewNames, alertFields } from '../../packages/core/src/delivery/templates/view.ts'
import { templateForms, templateNames } from '../../packages/core/src/model/template.ts'
import { textOf } from './snippets.ts'

const page = textOf('docs/guides/templates.md')

function section(heading: string): string {
  return page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? ''
}

function firstCells(text: string): readonly string[] {
  return [...text.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = '']) => name)
}

test('the guide to templates has every name that a template can read, every form and every message, and no other', () => {
  expect(firstCells(section('What a template can read')).toSorted()).toEqual([...viewNames].toSorted())
  expect(/^\| `alert` \|(.*)$/m.exec(page)?.[1]?.match(/`\w+`/g)).toEqual([...alertFields, 'nil'].map((name) => `\`${name}\``))
  expect(firstCells(section('Forms'))).toEqual([...templateForms])
  for (const name of templateNames.filter((one) => one !== '*')) expect(section('Messages')).toContain(`\`${name}\``)
})
