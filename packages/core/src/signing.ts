import type { Clock } from './model/clock.ts'
import type { Config } from './model/config.ts'
import { errorText } from './model/error.ts'
import type { Store } from './model/store.ts'
import { sessionLost } from './rules/pack/session-lost.ts'
import { lostRule, signEveryMs, signLife, signsEach } from './rules/process-signs.ts'

export interface Signing {
  /** Signs at once and then again and again until `stop`. */
  start(process: string): void
  /** Resolves when no sign is being written any more. */
  stop(): Promise<void>
}

/** This process tells the others of its store that it lives; nothing where the rule that asks for it is off. */
export function createSigning({ store, clock, config, notice }: { readonly store: Store; readonly clock: Clock; readonly config: Config; readonly notice: (text: string) => void }): Signing {
  const settings = config.rules[lostRule]
  const own = typeof settings === 'object' && 'after' in settings && typeof settings.after === 'number' ? settings.after : undefined
  const everyMs = signEveryMs(own ?? sessionLost.settings.after?.byDefault ?? 0)
  let cancel: (() => void) | undefined
  let running: Promise<void> = Promise.resolve()
  let isStopped = false
  let failed = 0

  const sign = async (process: string, isFirst: boolean): Promise<void> => {
    let signed = false
    try {
      await store.transaction((tx) => signLife(tx, config.project, process, clock.nowMs(), isFirst))
      signed = true
      failed = 0
    } catch (failure) {
      failed += 1
      if (failed === signsEach) notice(`this process cannot say that it lives, and its sessions may be told as lost: ${errorText(failure)}`)
    }
    if (isStopped) return
    cancel = clock.after(everyMs, () => {
      running = sign(process, isFirst && !signed)
    })
  }

  return {
    start(process) {
      if (settings === false) return
      isStopped = false
      running = sign(process, true)
    },
    async stop() {
      isStopped = true
      cancel?.()
      await running
    },
  }
}
