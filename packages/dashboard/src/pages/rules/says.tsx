import type { ReactElement } from 'react'
import { useAmounts } from '../../parts/amounts'
import { inline } from '../../parts/marked'
import { Given } from '../../parts/given'
import { useSay } from '../../words/say'
import { ownRule, type RuleRow } from './rule-rows'
import { formOf, type OwnRule } from './rule-value'
import { colon } from '../../words/sentences'

/** What a rule looks for, in one sentence. */
export function Says({ row: { pack, entry } }: { readonly row: RuleRow }): ReactElement | null {
  const rule = ownRule(entry?.value)
  if (rule !== undefined) return <OwnSays rule={rule} />
  return pack === undefined ? null : <span>{inline(firstSentence(pack.says))}</span>
}

function OwnSays({ rule }: { readonly rule: OwnRule }): ReactElement {
  const say = useSay()
  const { count } = useAmounts()
  const { on, when } = rule
  const says = {
    match: () => say(when === undefined ? 'rules.says-every' : 'rules.says-match', { on }),
    threshold: () => say('rules.says-threshold', { measure: rule.measure ?? '', on, way: rule.below === undefined ? 'above' : 'below', limit: count(rule.above ?? rule.below ?? 0), window: rule.window ?? '5m' }),
    absence: () => say('rules.says-absence', { on, absent: rule.absent ?? '' }),
    anomaly: () => say('rules.says-anomaly', { measure: rule.anomaly ?? '', on }),
  }[formOf(rule)]()
  return <Given>{when === undefined ? says : `${says}${colon()}${when}`}</Given>
}

function firstSentence(text: string): string {
  return /^.*?(?:[.](?=\s|$)|。)/.exec(text)?.[0] ?? text
}
