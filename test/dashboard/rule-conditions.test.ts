import { expect, test } from 'vitest'
import { errorClasses } from '../../packages/core/src/model/event.ts'
import { compileCondition, numberFieldNames } from '../../packages/core/src/rules/view.ts'
import { operatorsOf, shownOf, textOf, type Row } from '../../packages/dashboard/src/pages/rules/conditions.ts'
import { eventFields, knownValues, measuredFields } from '../../packages/dashboard/src/pages/rules/event-fields.ts'

const rowsOf = (text: string): readonly Row[] => {
  const shown = shownOf(text)
  if (shown.kind !== 'rows') throw new Error(`expected rows, found ${shown.why}: ${shown.part}`)
  return shown.rows
}
const said = (text: string): readonly (readonly [string, string, ...string[]])[] => rowsOf(text).map(({ field, operator, values }) => [field, operator, ...values] as const)

test('whatever is typed into a row is read back from its text, and the server takes it', () => {
  const wild = ['', 'a', "it's", '"quoted"', 'back\\slash', 'two\nlines', 'tab\t', '\r', '// no remark', '&& ||', '订单 🧯', '\u202Eevil', '${x}']
  for (const operator of operatorsOf.string) {
    for (const value of operator === 'matches' ? ['a', "it's", '[0-9]+'] : wild) {
      for (const field of ['agent', 'tags.team', 'tags.my "team"', 'detail.a.b']) {
        if (operator === 'matches' && field !== 'agent') continue
        const values = operator === 'known' || operator === 'unknown' ? [] : operator === 'one-of' ? [value, 'other'] : [value]
        const text = textOf({ field, operator, values })
        expect(said(text)).toEqual([[field, operator, ...values]])
        expect(compileCondition(text, 'event')).toMatchObject({ ok: true })
      }
    }
  }
  for (const operator of operatorsOf.double) {
    for (const value of ['0', '-1', '0.25', '20000', '1e3']) {
      const values = operator === 'known' || operator === 'unknown' ? [] : operator === 'one-of' ? [value, '7'] : [value]
      const text = textOf({ field: 'costUsd', operator, values })
      expect(rowsOf(text)).toMatchObject([{ field: 'costUsd', operator }])
      expect(rowsOf(text)[0]?.values.map(Number)).toEqual(values.map(Number))
      expect(compileCondition(text, 'event')).toMatchObject({ ok: true })
    }
  }
})

test('the fields and their types are those of the server', () => {
  const answer = compileCondition('event.nothingLikeThis == "a"', 'event')
  const known = answer.ok ? [] : (/it has (.*)$/.exec(answer.problem)?.[1]?.split(', ') ?? [])
  expect(new Set(Object.keys(eventFields))).toEqual(new Set(known))
  expect(new Set(measuredFields)).toEqual(new Set(numberFieldNames))
  for (const [name, type] of Object.entries(eventFields)) {
    const fits = type === 'map' ? `event.${name}.x == "a"` : type === 'string' ? `event.${name}.contains("a")` : `event.${name} > 1`
    expect(compileCondition(fits, 'event')).toMatchObject({ ok: true })
  }
  expect(new Set(knownValues['errorClass'])).toEqual(new Set(errorClasses))
})
