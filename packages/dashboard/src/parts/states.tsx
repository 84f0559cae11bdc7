import { Alert, Button, Group, Skeleton, Stack, Text, Title, VisuallyHidden } from '@mantine/core'
import { useRouterState } from '@tanstack/react-router'
import { useEffect, useRef, useState, type ReactElement, type ReactNode } from 'react'
import { ProblemError } from '../api/client'
import { useSay } from '../words/say'
import { said } from './said'
import { useTell } from './toasts'

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
    <Stack gap={8} aria-busy="true" mih={rows * (height + 8)}>
      <VisuallyHidden>{say('state.loading')}</VisuallyHidden>
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

/** The page whose name was said last; at first it is the browser that says it. */
let saidPath = location.pathname

/** The head of a page: its name, one line, and what can be done. Whoever comes from another page hears its name, and goes on from it where what had the focus is gone. */
export function PageHead({ title, line, actions }: { readonly title: ReactNode; readonly line?: ReactNode; readonly actions?: ReactNode }): ReactElement {
  const heading = useRef<HTMLHeadingElement>(null)
  const { announce } = useTell()
  // Where one has arrived: the address changes before, while the page before is still there.
  const pathname = useRouterState({ select: ({ resolvedLocation }) => resolvedLocation?.pathname })
  useEffect(() => {
    if (pathname === undefined || saidPath === pathname) return
    saidPath = pathname
    announce(heading.current?.textContent ?? '')
    if (document.activeElement === null || document.activeElement === document.body) heading.current?.focus({ preventScroll: true })
  }, [pathname, announce])
  return (
    <Group justify="space-between" align="flex-start" mb="md" gap="sm">
      <div style={{ minWidth: 0 }}>
        <Title order={1} ref={heading} tabIndex={-1} className="heading" size="h3" style={{ overflowWrap: 'anywhere' }}>
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
