import { Button } from '@mantine/core'
import { useState, type ReactElement } from 'react'
import { ActButton } from '../../parts/act-button'
import { useSay } from '../../words/say'

interface TwiceProps {
  readonly label: string
  /** What is about, for screen readers: there is such a button in every row. */
  readonly of: string
  /** What the second press says: it cannot be taken back. */
  readonly sure: string
  readonly reason: string | undefined
  readonly isRed?: boolean
  readonly run: () => void
}

/** What cannot be undone is pressed twice. */
export function Twice({ label, of, sure, reason, isRed = false, run }: TwiceProps): ReactElement {
  const say = useSay()
  const [isAsked, setIsAsked] = useState(false)
  return isAsked ? (
    <Button
      size="compact-xs"
      color="red"
      autoFocus
      aria-label={say('state.named', { name: sure, text: of })}
      onBlur={() => setIsAsked(false)}
      onClick={() => {
        setIsAsked(false)
        run()
      }}
    >
      {sure}
    </Button>
  ) : (
    <ActButton size="compact-xs" {...(isRed ? { variant: 'subtle', color: 'red' } : { variant: 'default' })} reason={reason} onClick={() => setIsAsked(true)} aria-label={say('state.named', { name: label, text: of })}>
      {label}
    </ActButton>
  )
}
