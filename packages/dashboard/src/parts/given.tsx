import type { CSSProperties, ReactElement } from 'react'

const wrapped: CSSProperties = { overflowWrap: 'anywhere', unicodeBidi: 'isolate' }

/**
 * Text that came from an agent, a provider or another person: its direction stays inside it, and a word of ten thousand letters breaks.
 * React writes it as text, never as markup.
 */
export function Given({ children, lines }: { readonly children: string | undefined; readonly lines?: number }): ReactElement {
  const clamp: CSSProperties = lines === undefined ? {} : { display: '-webkit-box', WebkitBoxOrient: 'vertical', WebkitLineClamp: lines, overflow: 'hidden' }
  return (
    <bdi style={{ ...wrapped, ...clamp }} {...(lines !== undefined && children !== undefined && children.length > 60 && { title: children.slice(0, 1_000) })}>
      {children ?? ''}
    </bdi>
  )
}
