import { Select, Tooltip, VisuallyHidden, type SelectProps } from '@mantine/core'
import { useId, type ReactElement } from 'react'

interface ActSelectProps extends SelectProps {
  /** Why nothing else can be chosen now: what is chosen stays readable and reachable, and says it. */
  readonly reason?: string | undefined
}

/** A choice that explains itself where it cannot be changed, as `ActButton` does. */
export function ActSelect({ reason, ...rest }: ActSelectProps): ReactElement {
  const id = useId()
  const isOff = reason !== undefined
  return (
    <>
      <Tooltip label={reason} disabled={!isOff} multiline maw={320} withArrow events={{ hover: true, focus: true, touch: true }}>
        <Select {...rest} {...(isOff && { 'readOnly': true, 'data-disabled': true, 'aria-disabled': true, 'aria-describedby': id })} />
      </Tooltip>
      {isOff && <VisuallyHidden id={id}>{reason}</VisuallyHidden>}
    </>
  )
}
