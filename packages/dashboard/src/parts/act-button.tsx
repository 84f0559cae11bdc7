import { Button, Tooltip, VisuallyHidden, type ButtonProps } from '@mantine/core'
import { useId, useLayoutEffect, useRef, type MouseEvent, type ReactElement, type ReactNode } from 'react'
import { ariaKeys } from '../keys/keys'

interface ActButtonProps extends ButtonProps {
  readonly children: ReactNode
  readonly onClick?: (event: MouseEvent<HTMLButtonElement>) => void
  /** Why it cannot be done now: the button stays, says it, and does nothing. */
  readonly reason?: string | undefined
  /** The key that does the same, such as `a`. */
  readonly keys?: string
  readonly type?: 'button' | 'submit'
}

/** A button that explains itself where it does nothing: it can be reached and read, and it is never just grey. */
export function ActButton({ children, onClick, reason, keys, type = 'button', ...rest }: ActButtonProps): ReactElement {
  const id = useId()
  const isOff = reason !== undefined
  const own = useRef<HTMLButtonElement>(null)
  const hadFocus = useRef(false)
  const isLoading = rest.loading === true
  // While it loads it cannot hold the focus: whoever pressed it finds themselves there again, unless they went on.
  useLayoutEffect(() => {
    if (isLoading) return
    if (hadFocus.current && document.activeElement === document.body) own.current?.focus({ preventScroll: true })
    hadFocus.current = false
  }, [isLoading])
  return (
    // It stays in its place whether or not there is a reason: else the button were another one, without the focus.
    <Tooltip label={reason} disabled={!isOff} multiline maw={320} withArrow events={{ hover: true, focus: true, touch: true }}>
      <Button
        {...rest}
        ref={own}
        type={isOff ? 'button' : type}
        {...(isOff && { 'data-disabled': true, 'aria-disabled': true, 'aria-describedby': id })}
        {...(keys !== undefined && { 'aria-keyshortcuts': ariaKeys(keys) })}
        onClick={(event: MouseEvent<HTMLButtonElement>) => {
          if (isOff) event.preventDefault()
          else {
            hadFocus.current = true
            onClick?.(event)
          }
        }}
      >
        {children}
        {isOff && <VisuallyHidden id={id}>{reason}</VisuallyHidden>}
      </Button>
    </Tooltip>
  )
}
