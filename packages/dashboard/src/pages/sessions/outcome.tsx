import type { ReactElement } from 'react'
import { useSay } from '../../words/say'
import classes from './sessions.module.css'
import type { Session } from './session-facts'

/** Each with a shape of its own. */
const signs: Readonly<Record<Session['state'], string>> = { running: '◌', success: '✓', fail: '✗', indeterminate: '?' }

export function Outcome({ of }: { readonly of: Session['state'] }): ReactElement {
  const say = useSay()
  return (
    <span className={classes['outcome']} data-outcome={of}>
      <span aria-hidden="true">{signs[of]}</span> {say(`sessions.${of}`)}
    </span>
  )
}
