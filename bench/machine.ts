import { cpus, release, totalmem, type } from 'node:os'

/** What a figure needs beside it to mean something. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGb: number
  readonly node: string
  readonly sqlite: string
  readonly kernel: string
  readonly date: string
}

export function describeMachine(nowMs: number): Machine {
  const all = cpus()
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    sqlite: process.versions.sqlite ?? 'none',
    kernel: `${type()} ${release()}`,
    date: new Date(nowMs).toISOString().slice(0, 16).replace('T', ' ') + ' UTC',
  }
}
