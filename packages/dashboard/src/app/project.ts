import { usePlace } from './params'

/** The project of the address; empty outside of all. */
export function useProject(): string {
  return usePlace().project ?? ''
}
