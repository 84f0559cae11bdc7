import { Button, Group, Text } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import type { ReactElement } from 'react'
import { useSay } from '../words/say'
import classes from './snippet.module.css'

/** Code to be copied: as it is, with a button. `label` names it for screen readers. */
export function Snippet({ code, label }: { readonly code: string; readonly label: string }): ReactElement {
  const say = useSay()
  const { copied, copy, error } = useClipboard({ timeout: 2_000 })
  return (
    <div className={classes['snippet']}>
      <Group justify="flex-end" className={classes['bar'] ?? ''}>
        <Button size="compact-sm" variant="default" onClick={() => copy(code)}>
          {copied ? say('act.copied') : say('act.copy')}
        </Button>
      </Group>
      <pre className={classes['code']} tabIndex={0} role="region" aria-label={label}>
        <code translate="no">{code}</code>
      </pre>
      {error !== null && (
        <Text size="xs" c="red" role="alert">
          {say('start.copy-failed')}
        </Text>
      )}
    </div>
  )
}
