import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Clock } from 'tocsin/engine'
import type { Keys, KnownKey } from '../access/key.ts'

/** Tokens that AgentOps' SDKs ask for with a key, and send in its place. */
export interface AgentOpsTokens {
  /** A token that sends events to this project and does nothing else. */
  issue(key: Pick<KnownKey, 'id'>, project: string): string
  /** Whose it is and for what; nothing where it is not ours or too old. */
  read(token: string): { readonly key: string; readonly project: string } | undefined
}

const prefix = 'agt_'
/** The SDKs ask once, when they start, and never again: as long as a process may run. A token ends with its key all the same. */
const lifeMs = 30 * 86_400_000
const signatureBytes = 24

/**
 * Signed, not stored: key, project and end, and an HMAC under a key of their own, so that every process over the same store knows them.
 *
 * @param secret of the installation; what signs is derived from it
 */
export function createAgentOpsTokens(secret: Uint8Array, clock: Clock): AgentOpsTokens {
  const signingKey = createHmac('sha256', secret).update('tocsin agentops token').digest()
  const sign = (text: string): Buffer => createHmac('sha256', signingKey).update(text).digest().subarray(0, signatureBytes)

  return {
    issue({ id }, project) {
      const claims = Buffer.from(JSON.stringify([id, project, clock.nowMs() + lifeMs])).toString('base64url')
      return `${prefix}${claims}.${sign(claims).toString('base64url')}`
    },
    read(token) {
      const [, claims, signature] = /^agt_([\w-]{1,400})\.([\w-]{32})$/.exec(token) ?? []
      if (claims === undefined || signature === undefined || !timingSafeEqual(sign(claims), Buffer.from(signature, 'base64url'))) return undefined
      // Reason for the cast: we wrote it, as the signature shows.
      const [key, project, untilMs] = JSON.parse(Buffer.from(claims, 'base64url').toString()) as [string, string, number]
      return untilMs > clock.nowMs() ? { key, project } : undefined
    },
  }
}

/** Keys that are looked up, with these tokens among them: each is its key, as one that only sends, and ends with it. */
export function withAgentOpsTokens(keys: Keys, tokens: AgentOpsTokens): Keys {
  return {
    ...keys,
    // A signature is worth asking the database about.
    hasWorked: (key) => (key.startsWith(prefix) ? tokens.read(key) !== undefined : keys.hasWorked(key)),
    async find(key) {
      if (!key.startsWith(prefix)) return keys.find(key)
      const token = tokens.read(key)
      const found = token && (await keys.byId(token.key))
      if (found === undefined || token === undefined || found.state !== 'active') return undefined
      return { id: found.id, name: found.name, scope: 'ingest', project: token.project }
    },
  }
}
