import { Webhook } from 'svix'
import type { Certificate } from '../../packages/core/src/testing/certificate.ts'
import { startHttpProvider } from '../../packages/core/src/testing/http-provider.ts'

export const hookSecret = `whsec_${Buffer.from('a secret of the demo, 32 bytes..').toString('base64')}`

/** A body that came in with a signature that is right by the library of Svix, which knows nothing of Tocsin. */
export interface ReceivedHook {
  readonly atMs: number
  readonly id: string
  readonly title: string
  readonly locale: string
  readonly text: string
}

export interface HookStandIn {
  readonly url: string
  /** Those that were verified, oldest first. */
  readonly received: readonly ReceivedHook[]
  /** Bodies whose signature was not right. */
  readonly refused: number
  close(): Promise<void>
}

/** Somebody's own receiver of webhooks over TLS: what is not signed as it should be is answered with 401. */
export async function startHook(certificate: Certificate): Promise<HookStandIn> {
  const received: ReceivedHook[] = []
  let refused = 0
  const verifier = new Webhook(hookSecret)
  const provider = await startHttpProvider({
    certificate,
    answer: ({ text, headers, atMs }) => {
      const header = (name: string): string => String(headers[name] ?? '')
      try {
        verifier.verify(text, { 'webhook-id': header('webhook-id'), 'webhook-timestamp': header('webhook-timestamp'), 'webhook-signature': header('webhook-signature') })
      } catch {
        refused += 1
        return { status: 401 }
      }
      const { data } = JSON.parse(text) as { data: Record<'title' | 'locale', string> } // as docs/guides/webhooks.md says
      received.push({ atMs, id: header('webhook-id'), title: data.title, locale: data.locale, text })
      return { status: 204 }
    },
  })
  return {
    url: `${provider.base}/hook`,
    received,
    get refused() {
      return refused
    },
    close: () => provider.close(),
  }
}
