import { useEffect } from 'react'

let isLeaving = false

/** Whoever leaves the page as a whole, or loads it again, is asked first while there is something that is not saved. */
export function useUnsavedGuard(isDirty: boolean): void {
  useEffect(() => {
    if (!isDirty) return undefined
    const ask = (event: BeforeUnloadEvent): void => {
      if (!isLeaving) event.preventDefault()
    }
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [isDirty])
}

/** Loads the page anew and asks nobody: what was typed, read and kept here is of somebody else. */
export function startAnew(): void {
  isLeaving = true
  location.reload()
}
