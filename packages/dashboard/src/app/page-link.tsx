import { Anchor, type AnchorProps } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactElement, ReactNode } from 'react'
import type { Address } from './address'
import { useProject } from './project'

interface PageLinkProps extends AnchorProps {
  /** After `/p/:project`, such as `/alerts/alt_51`; names in it encoded. */
  readonly to: string
  /** What stands after the `?`. @default nothing */
  readonly search?: Address
  readonly children: ReactNode
}

/** A link to a page of this project. */
export function PageLink({ to, search = {}, children, ...rest }: PageLinkProps): ReactElement {
  const project = useProject()
  // Reason for the cast: what stands after the "?" has no type here, each page reads its own.
  return (
    <Anchor {...rest} renderRoot={(props) => <Link {...props} to={`/p/${project}${to}`} search={search as never} />}>
      {children}
    </Anchor>
  )
}
