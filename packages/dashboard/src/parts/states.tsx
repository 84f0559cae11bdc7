import { Alert, Button, Group, Skeleton, Stack, Text, Title } from '@mantine/core'
import { useEffect, useState, type ReactElement, type ReactNode } from 'react'
import { ProblemError } from '../api/client'
import { useSay } from '../words/say'
import { said } from './said'

/** Before it a skeleton would only flash. */
const patienceMs = 150

/** As high as what comes, so that nothing moves. */
export function Loading({ rows = 6, height = 44 }: { readonly rows?: number; readonly height?: number }): ReactElement {
  const say = useSay()
  const [isShown, setIsShown] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setIsShown(true), patienceMs)
    return () => clearTimeout(timer)
  }, [])
  return (
    <Stack gap={8} aria-busy="true" role="status" aria-label={say('state.loading')} mih={rows * (height + 8)}>
      {isShown && Array.from({ length: rows }, (_, index) => <Skeleton key={index} height={height} radius="sm" />)}
    </Stack>
  )
}

interface EmptyProps {
  /** One sentence that proves life or says what to do. */
  readonly children: ReactNode
  readonly action?: ReactNode
}

export function Empty({ children, action }: EmptyProps): ReactElement {
  return (
    <Stack align="center" py="xl" gap="sm" data-state="empty">
      <Text c="dimmed" ta="center" maw="40rem">
        {children}
      </Text>
      {action}
    </Stack>
  )
}

/** What was asked for did not come; what is on the page stays. */
export function Failed({ error, what, again }: { readonly error: unknown; readonly what: string; readonly again?: (() => void) | undefined }): ReactElement {
  const say = useSay()
  const problem = error instanceof ProblemError ? error : undefined
  const status = problem === undefined || problem.status === 0 ? say('state.no-answer') : String(problem.status)
  return (
    <Alert color="red" variant="light" role="alert" data-state="failed" title={problem?.status === 403 ? say('state.forbidden') : say('state.failed', { what, status, id: problem?.requestId || '–' })}>
      <Group justify="space-between">
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {problem?.status === 0 ? '' : said(error)}
        </Text>
        {again !== undefined && (
          <Button size="xs" variant="default" onClick={again}>
            {say('state.again')}
          </Button>
        )}
      </Group>
    </Alert>
  )
}

/** Chooses between the states of one question: loading, failed, and what came. Old data stays while new is asked for. */
export function Asked<Data>({ of, what, rows, children }: { readonly of: { readonly data: Data | undefined; readonly error: unknown; refetch(): unknown }; readonly what: string; readonly rows?: number; readonly children: (data: Data) => ReactNode }): ReactElement {
  const { data, error } = of
  return (
    <>
      {error !== null && error !== undefined && <Failed error={error} what={what} again={() => void of.refetch()} />}
      {data === undefined ? error === null || error === undefined ? <Loading {...(rows !== undefined && { rows })} /> : null : children(data)}
    </>
  )
}

/** The head of a page: its name, one line, and what can be done. */
export function PageHead({ title, line, actions }: { readonly title: ReactNode; readonly line?: ReactNode; readonly actions?: ReactNode }): ReactElement {
  return (
    <Group justify="space-between" align="flex-start" mb="md" gap="sm">
      <div style={{ minWidth: 0 }}>
        <Title order={1} size="h3" style={{ overflowWrap: 'anywhere' }}>
          {title}
        </Title>
        {line !== undefined && (
          <Text c="dimmed" size="sm" component="div" className="line">
            {line}
          </Text>
        )}
      </div>
      {actions !== undefined && <Group gap="xs">{actions}</Group>}
    </Group>
  )
}
