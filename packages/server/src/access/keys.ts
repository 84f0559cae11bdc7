import type { Chance, Clock } from 'tocsin/engine'
import type { Connection } from '../stores/audit.ts'
import { insertKey, keyByHash, keyById, listKeys, revokeKey, touchKeys } from '../stores/keys.ts'
import type { KeyRow } from '../stores/tables.ts'
import { actorText, recordChange } from './audit.ts'
import { BoundedMap } from './bounded-map.ts'
import { keyScopes, type Keys, type KnownKey, type ListedKey } from './key.ts'
import { hashOf, sameHash, secretText } from './secret-text.ts'

/** How long a key that was found is not looked up again: for so long a key that was revoked on another node still works on this one. */
const keyHeldMs = 5_000
const heldMax = 10_000
const workedMax = 50_000
/** How often it is written down when keys were used. */
const usesEveryMs = 60_000

const prefix = 'tok_'
const keyPattern = /^tok_[A-Za-z0-9_-]{43}$/

export function createKeys({ db, clock, chance, notice }: { readonly db: Connection; readonly clock: Clock; readonly chance: Chance; readonly notice: (text: string) => void }): Keys {
  const held = new BoundedMap<string, { readonly key: KnownKey; readonly untilMs: number }>(heldMax)
  const worked = new BoundedMap<string, true>(workedMax)
  let uses = new Map<string, number>()
  let stopTimer: (() => void) | undefined

  const writeUses = async (): Promise<void> => {
    const now = uses
    uses = new Map()
    stopTimer = undefined
    // When a key was used is told to people and decides nothing: where it cannot be written, the next use is.
    await touchKeys(db, now).catch(() => notice('when keys were last used could not be written down'))
  }
  const used = (id: string): void => {
    uses.set(id, clock.nowMs())
    stopTimer ??= clock.after(usesEveryMs, () => void writeUses())
  }

  return {
    async create({ name, scope, project, expiresMs }, { principal, address }) {
      const key = prefix + secretText(chance)
      const id = `key_${chance.id()}`
      const row: KeyRow = {
        id, hash: hashOf(key), name, last4: key.slice(-4), scope, project: project ?? null, created_ms: clock.nowMs(), created_by: actorText(principal),
        expires_ms: expiresMs ?? null, revoked_ms: null, used_ms: null,
      }
      await db.transaction().execute(async (tx) => {
        await insertKey(tx, row)
        await recordChange({ db: tx, clock }, { ...(project !== undefined && { project }), principal, action: 'keys.create', target: id, after: { name, scope, project, expiresMs, last4: row.last4 }, ...(address !== undefined && { address }) })
      })
      return { id, key }
    },
    async find(key) {
      if (!keyPattern.test(key)) return undefined
      const hash = hashOf(key)
      const nowMs = clock.nowMs()
      const hit = held.get(hash)
      if (hit !== undefined && hit.untilMs > nowMs && (hit.key.expiresMs ?? Infinity) > nowMs) {
        used(hit.key.id)
        return hit.key
      }
      held.delete(hash)
      const row = await keyByHash(db, hash)
      if (row === undefined || !sameHash(row.hash, hash)) return undefined
      const listed = listedKey(row, nowMs)
      if (listed?.state !== 'active') return undefined
      const { id, name, scope, project, expiresMs } = listed
      const known: KnownKey = { id, name, scope, ...(project !== undefined && { project }), ...(expiresMs !== undefined && { expiresMs }) }
      held.set(hash, { key: known, untilMs: nowMs + keyHeldMs })
      worked.set(hash, true)
      used(id)
      return known
    },
    async findDead(key) {
      if (!keyPattern.test(key)) return undefined
      const row = await keyByHash(db, hashOf(key))
      const listed = row && listedKey(row, clock.nowMs())
      return listed === undefined || listed.state === 'active' ? undefined : { dead: listed.state, last4: listed.last4, ...(listed.project !== undefined && { project: listed.project }) }
    },
    hasWorked: (key) => keyPattern.test(key) && worked.get(hashOf(key)) === true,
    async byId(id) {
      const row = await keyById(db, id)
      return row && listedKey(row, clock.nowMs())
    },
    async list(what) {
      const nowMs = clock.nowMs()
      return (await listKeys(db, what)).flatMap((row) => listedKey(row, nowMs) ?? [])
    },
    async revoke(id, { principal, address }) {
      const isDone = await db.transaction().execute(async (tx) => {
        const row = await keyById(tx, id)
        if (row === undefined || !(await revokeKey(tx, id, clock.nowMs()))) return false
        const { name, scope, project, last4 } = row
        await recordChange({ db: tx, clock }, { ...(project !== null && { project }), principal, action: 'keys.revoke', target: id, before: { name, scope, project, last4 }, ...(address !== undefined && { address }) })
        return true
      })
      held.deleteWhere(({ key }) => key.id === id)
      return isDone
    },
    async close() {
      stopTimer?.()
      if (uses.size > 0) await writeUses()
    },
  }
}

/** Nothing where a newer server has given it a scope that this one does not know. */
function listedKey(row: KeyRow, nowMs: number): ListedKey | undefined {
  const scope = keyScopes.find((known) => known === row.scope)
  if (scope === undefined) return undefined
  return {
    id: row.id, name: row.name, scope, last4: row.last4, createdMs: row.created_ms, createdBy: row.created_by,
    state: row.revoked_ms !== null ? 'revoked' : row.expires_ms !== null && row.expires_ms <= nowMs ? 'expired' : 'active',
    ...(row.project !== null && { project: row.project }),
    ...(row.expires_ms !== null && { expiresMs: row.expires_ms }),
    ...(row.revoked_ms !== null && { revokedMs: row.revoked_ms }),
    ...(row.used_ms !== null && { usedMs: row.used_ms }),
  }
}
