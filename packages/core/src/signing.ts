import type { Clock } from './model/clock.ts'
import type { Config } from './model/config.ts'
import { errorText } from './model/error.ts'
import type { Store } from './model/store.ts'
import { sessionLost } from './rules/pack/session-lost.ts'
import { lostRule, signEveryOf, signLife, signsEach } from './rules/process-signs.ts'

export interface Signing {
  /** Signs at once and then again and again until `stop`. */
  start(process: string): void
  /** Resolves when no sign is being written any more. */
  stop(): Promise<void>
  /**
   * Another process lives; it says so itself.
   *
   * @param process a name that no process had before it
   * @returns after how many milliseconds it signs again; nothing where nobody asks for signs
   */
  signFor(process: string): Promise<number | undefined>
}

/** This process, or one that calls it, tells the others of its store that it lives; nothing where the rule that asks for it is off. */
export function createSigning({ store, clock, config, notice }: { readonly store: Store; readonly clock: Clock; readonly config: Config; readonly notice: (text: string) => void }): Signing {
  const everyMs = signEveryOf(config.rules[lostRule], sessionLost.settings.after?.byDefault ?? 0)
  let cancel: (() => void) | undefined
  let running: Promise<void> = Promise.resolve()
  let isStopped = false
  let failed = 0

  const write = (process: string, isFirst: boolean): Promise<void> => store.transaction((tx) => signLife(tx, config.project, process, clock.nowMs(), isFirst), config)

  const sign = async (process: string, isFirst: boolean, afterMs: number): Promise<void> => {
    let signed = false
    try {
      await write(process, isFirst)
      signed = true
      failed = 0
    } catch (failure) {
      failed += 1
      if (failed === signsEach) notice(`this process cannot say that it lives, and its sessions may be told as lost: ${errorText(failure)}`)
    }
    if (isStopped) return
    cancel = clock.after(afterMs, () => {
      running = sign(process, isFirst && !signed, afterMs)
    })
  }

  return {
    start(process) {
      if (everyMs === undefined) return
      isStopped = false
      running = sign(process, true, everyMs)
    },
    async stop() {
      isStopped = true
      cancel?.()
      await running
    },
    async signFor(process) {
      if (everyMs !== undefined) await write(process, false)
      return everyMs
    },
  }
}
