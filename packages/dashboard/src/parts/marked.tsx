import { Anchor, Code, Text } from '@mantine/core'
import type { ReactElement, ReactNode } from 'react'

/** Explanations of the product itself: numbered lines, `code`, _names_ and [links](https://…). Text that came from elsewhere is not given here. */
export function Marked({ children, size = 'sm' }: { readonly children: string; readonly size?: 'xs' | 'sm' }): ReactElement {
  const lines = children.split('\n').filter((line) => line.trim() !== '')
  const isList = lines.length > 0 && lines.every((line) => /^\d+\. /.test(line))
  if (isList)
    return (
      <Text component="ol" size={size} m={0} pl="1.25rem" style={{ overflowWrap: 'anywhere' }}>
        {lines.map((line) => (
          <li key={line}>{inline(line.replace(/^\d+\. /, ''))}</li>
        ))}
      </Text>
    )
  return (
    <Text size={size} component="div" style={{ overflowWrap: 'anywhere' }}>
      {lines.map((line) => (
        <div key={line}>{inline(line)}</div>
      ))}
    </Text>
  )
}

/** The same within a line, such as the hint of a field. */
export function inline(text: string): ReactNode {
  const parts = text.split(/(`[^`]+`|\[[^\]]+\]\([^)\s]+\)|\*\*[^*]+\*\*|\b_[^_]+_\b)/)
  return parts.map((part, index) => {
    const key = `${index} ${part}`
    if (/^`.+`$/.test(part))
      return (
        <Code key={key} translate="no">
          {part.slice(1, -1)}
        </Code>
      )
    const link = /^\[(.+)\]\((.+)\)$/.exec(part)
    if (link !== null) return (link[2] ?? '').startsWith('https://') ? <External key={key} href={link[2] ?? ''} text={link[1] ?? ''} /> : <span key={key}>{link[1]}</span>
    if (/^\*\*.+\*\*$/.test(part)) return <strong key={key}>{part.slice(2, -2)}</strong>
    return /^_.+_$/.test(part) ? <em key={key}>{part.slice(1, -1)}</em> : part
  })
}

function External({ href, text }: { readonly href: string; readonly text: string }): ReactElement {
  return (
    <Anchor href={href} target="_blank" rel="noreferrer noopener" fz="inherit">
      {text}
    </Anchor>
  )
}
