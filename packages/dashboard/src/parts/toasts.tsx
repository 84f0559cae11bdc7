import { Button, CloseButton, Group, Paper, Stack, Text } from '@mantine/core'
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactElement, type ReactNode } from 'react'
import { useKeys } from '../keys/keys'
import { useSay } from '../words/say'

interface Toast {
  readonly text: string
  readonly isBad?: boolean
  /** Puts things back: offered in place of "are you sure". Key `u`. */
  readonly undo?: () => void
}

interface Teller {
  /** Says something that was just done, here and to screen readers. */
  readonly tell: (toast: Toast) => void
  /** For screen readers alone: what changed by itself. */
  readonly announce: (text: string) => void
}

const context = createContext<Teller | undefined>(undefined)
const shownMs = 6_000
/** Who wants to undo needs time to find out how. */
const undoMs = 12_000
const shownMax = 3
/** What was said before stays that long: what is said at once with it is read after it, and does not take its place. */
const spokenMax = 3

/** What was done, at the edge of the page; and the one polite live region. */
export function Toasts({ children }: { readonly children: ReactNode }): ReactElement {
  const say = useSay()
  const [shown, setShown] = useState<readonly (Toast & { readonly id: number })[]>([])
  const [spoken, setSpoken] = useState<readonly { readonly id: number; readonly text: string }[]>([])
  const next = useRef(0)
  const close = useCallback((id: number) => setShown((known) => known.filter((one) => one.id !== id)), [])
  const teller = useMemo<Teller>(() => {
    const announce = (text: string): void => {
      const id = (next.current += 1)
      setSpoken((known) => [...known.slice(1 - spokenMax), { id, text }])
    }
    return {
      tell(toast) {
        const id = (next.current += 1)
        setShown((known) => [...known.slice(1 - shownMax), { ...toast, id }])
        announce(toast.text)
        const end = (): void => {
          // Whoever is about to press its button is not left without it.
          if (document.querySelector(`[data-toast-id="${id}"]`)?.matches(':hover, :focus-within') === true) setTimeout(end, shownMs / 4)
          else close(id)
        }
        setTimeout(end, toast.undo === undefined ? shownMs : undoMs)
      },
      announce,
    }
  }, [close])
  const undoable = shown.findLast(({ undo }) => undo !== undefined)
  const undo = (): void => {
    if (undoable === undefined) return
    close(undoable.id)
    undoable.undo?.()
  }
  useKeys(undoable === undefined ? [] : [{ keys: 'u', word: 'keys.undo', run: undo }])
  return (
    <context.Provider value={teller}>
      {children}
      <div aria-live="polite" aria-atomic="false" role="status" className="only-spoken" data-spoken>
        {spoken.map(({ id, text }) => (
          <p key={id}>{text}</p>
        ))}
      </div>
      <Stack gap="xs" className="toasts">
        {shown.map((toast) => (
          <Paper key={toast.id} withBorder shadow="md" p="sm" data-toast={toast.isBad === true ? 'bad' : 'good'} data-toast-id={toast.id}>
            <Group justify="space-between" wrap="nowrap">
              <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                {toast.text}
              </Text>
              <Group gap={4} wrap="nowrap">
                {toast.undo !== undefined && (
                  <Button
                    size="xs"
                    variant="light"
                    aria-keyshortcuts="u"
                    onClick={() => {
                      close(toast.id)
                      toast.undo?.()
                    }}
                  >
                    {say('act.undo')}
                  </Button>
                )}
                <CloseButton size="sm" aria-label={say('act.close')} onClick={() => close(toast.id)} />
              </Group>
            </Group>
          </Paper>
        ))}
      </Stack>
    </context.Provider>
  )
}

export function useTell(): Teller {
  const teller = useContext(context)
  if (teller === undefined) throw new Error('expected to be inside <Toasts>')
  return teller
}

/** Says to screen readers what a part shows that changes by itself: each time that it is another text, and nothing while there is none. */
export function useAnnounced(text: string | undefined): void {
  const { announce } = useTell()
  useEffect(() => {
    if (text !== undefined && text !== '') announce(text)
  }, [text, announce])
}
