import { readFileSync } from 'node:fs'

/** Resident memory of a process, MB: the highest it was; NaN where the system does not say it. */
export function rssMb(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024
  } catch {
    return Number.NaN
  }
}
