import { useCallback } from 'react'
import { api } from '../api/client'

/** Ends the session and leaves nothing of it on the page. */
export function useLogOut(): () => void {
  return useCallback(() => {
    // Whole: what was read as this person goes with the page.
    void api.POST('/api/auth/sign-out').finally(() => location.assign('/login'))
  }, [])
}
