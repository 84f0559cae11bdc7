import { createHmac } from 'node:crypto'
import { localeFor, type Chance, type Clock } from 'tocsin/engine'
import { channelFor, sendOnce } from '../access/send-once.ts'
import { sameHash } from '../access/secret-text.ts'
import { Problem } from '../http/problem.ts'
import type { Configuration } from '../projects/configuration.ts'
import { forgetAddressCodes, putAddressCode, putVerifiedAddress, removeAddressCode, tryAddressCode } from '../stores/address-codes.ts'
import type { Connection } from '../stores/audit.ts'
import { codeWords } from './code-words.ts'
import { changeOwn, codeTriesMax, hashOfAddress, inFile, noChannel, ownOf, provableKinds, type Asker, type ProvableKind } from './own-person.ts'

/** Whether an address is somebody's: who can read what was sent there says so with a code. */
export interface AddressProof {
  /** Sends a code. The one before works no more. */
  begin(asker: Asker, kind: ProvableKind, address: string): Promise<{ readonly expiresMs: number; readonly channel: string }>
  /** Takes a code; the address stands with the person from then on. */
  finish(asker: Asker, code: string): Promise<void>
}

const codeMs = 10 * 60_000
const codesOf = 1_000_000
const codeDigits = 6

interface Parts {
  readonly db: Connection
  readonly configuration: Configuration
  readonly clock: Clock
  readonly chance: Chance
  /** Of what secrets are sealed with: who reads the database alone cannot try out a million codes. */
  readonly secret: () => Uint8Array
}

export function createAddressProof({ db, configuration, clock, chance, secret }: Parts): AddressProof {
  const hashOf = (asker: Asker, kind: string, address: string, code: string): string =>
    createHmac('sha256', secret()).update(JSON.stringify(['tocsin address', asker.project.name, asker.by.principal.id, kind, address, code])).digest('hex')

  return {
    async begin(asker, kind, given) {
      const { project, by } = asker
      const own = await ownOf(configuration, asker)
      const kept = own && project.config.people[own.name]?.[kind]
      const isKept = kept !== undefined && (kept === given || (kind === 'email' && kept.toLowerCase() === given.toLowerCase()))
      const address = isKept ? kept : given
      if (own?.item.readOnly === true && !isKept) throw new Problem(409, 'in-file', inFile(own.name))
      // It is by this address that the account and the person are the same.
      if (kind === 'email' && address.toLowerCase() !== by.principal.email) throw new Problem(409, 'other-email', `Expected ${by.principal.email ?? 'the address of your account'}: by it we know that you are this person. Under another, log in with an account of that address.`)
      const channel = channelFor(project.engine.channels, kind)
      if (channel === undefined) throw new Problem(409, 'no-channel', noChannel(kind))
      const nowMs = clock.nowMs()
      const code = String(parseInt(chance.id().slice(0, 12), 16) % codesOf).padStart(codeDigits, '0')
      const row = { project: project.name, user_id: by.principal.id, kind, address, code_hash: hashOf(asker, kind, address, code), tries: 0, created_ms: nowMs, expires_ms: nowMs + codeMs }
      await forgetAddressCodes(db, nowMs)
      await putAddressCode(db, row)
      const { locale } = localeFor(project.config.people[own?.name ?? '']?.locale ?? project.config.defaults.locale)
      const words = locale === 'zh-CN' ? codeWords['zh-CN'] : codeWords.en
      const outcome = await sendOnce({ config: project.config, channel, to: address, title: words.title(code), body: words.body(codeMs / 60_000) })
      if (!outcome.sent) {
        await removeAddressCode(db, row)
        throw new Problem(409, 'not-sent', `The code could not be sent by channel "${channel}": ${outcome.why}. Look at the address; an admin tries the channel with "send test".`)
      }
      return { expiresMs: row.expires_ms, channel }
    },

    async finish(asker, code) {
      const { project, by } = asker
      const waiting = await tryAddressCode(db, { project: project.name, userId: by.principal.id, nowMs: clock.nowMs(), triesMax: codeTriesMax })
      if (waiting === undefined) throw new Problem(410, 'code-gone', 'No code waits: it was used, has expired, or was tried too often. Ask for another.')
      const { address } = waiting
      const kind = provableKinds.find((known) => known === waiting.kind)
      if (kind === undefined) throw new Problem(410, 'code-gone', 'A newer server sent this code. Ask for another.')
      if (!sameHash(waiting.code_hash, hashOf(asker, kind, address, code))) {
        const left = codeTriesMax - waiting.tries
        throw new Problem(422, 'wrong-code', left === 0 ? 'This is not the code, and it was the last try. Ask for another.' : `This is not the code. ${left === 1 ? '1 try is' : `${left} tries are`} left.`, { places: [{ pointer: '/code', detail: 'not the code that was sent' }] })
      }
      if (!(await removeAddressCode(db, waiting))) throw new Problem(410, 'code-gone', 'This code was used already. Ask for another.')
      const own = await ownOf(configuration, asker)
      // The file may name a variable in place of the address.
      const isInFile = own?.item.readOnly === true && project.config.people[own.name]?.[kind] === address
      const person = isInFile ? own.name : await changeOwn(configuration, asker, (value) => ({ ...value, [kind]: address }))
      await putVerifiedAddress(db, { project: project.name, person, kind, hash: hashOfAddress(kind, address), at_ms: clock.nowMs() })
    },
  }
}
