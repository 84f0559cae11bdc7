import { useRef, type RefObject } from 'react'
import { useKeys } from '../keys/keys'

/** `j k` in a list that is short enough to be there whole: they move the focus from one to the next, to what of each takes it first. */
export function useStepThrough<Element extends HTMLElement>(itemSelector: string): RefObject<Element | null> {
  const list = useRef<Element>(null)
  const go = (step: 1 | -1): void => {
    const items = [...(list.current?.querySelectorAll<HTMLElement>(itemSelector) ?? [])]
    const at = items.findIndex((item) => item.contains(document.activeElement))
    const next = items[at < 0 ? (step === 1 ? 0 : items.length - 1) : at + step]
    next?.querySelector<HTMLElement>('a, button')?.focus()
  }
  useKeys([
    { keys: 'j', word: 'keys.next', group: 'list', run: () => go(1) },
    { keys: 'k', word: 'keys.previous', group: 'list', run: () => go(-1) },
  ])
  return list
}
