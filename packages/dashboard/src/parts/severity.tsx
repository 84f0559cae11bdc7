import type { ReactElement } from 'react'
import type { Item } from '../api/ask'
import { useSay } from '../words/say'
import classes from './severity.module.css'

export type SeverityName = Item<'/api/v1/alerts'>['severity']

/** Each with a shape of its own: colour alone says nothing to many. */
const signs: Readonly<Record<SeverityName, string>> = { critical: '◆', high: '▲', warning: '●', info: '○' }

export function Severity({ of }: { readonly of: SeverityName }): ReactElement {
  const say = useSay()
  return (
    <span className={classes['severity']} data-severity={of}>
      <span aria-hidden="true">{signs[of]}</span> {say(`severity.${of}`)}
    </span>
  )
}
