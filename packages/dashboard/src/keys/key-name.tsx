import { Kbd } from '@mantine/core'
import type { ReactElement } from 'react'

const isMac = /Mac|iP(?:hone|ad)/.test(navigator.userAgent)

/** Keys as they are pressed: `g` `o`, or `Ctrl K`. */
export function KeyName({ keys }: { readonly keys: string }): ReactElement {
  return (
    <span style={{ whiteSpace: 'nowrap' }}>
      {keys.split(' ').map((one) => (
        <Kbd key={one} mr={2} size="xs">
          {one.startsWith('mod+') ? `${isMac ? '⌘' : 'Ctrl '}${one.slice(4).toUpperCase()}` : one}
        </Kbd>
      ))}
    </span>
  )
}
