import { hash } from 'node:crypto'

/** Of a device so much is shown: enough to tell a person's devices apart. */
const marksMax = 6

/**
 * An address as it is shown to people and put on record about a message. That of a device is long, and whoever knows it
 * whole may find a use for it: of a browser's subscription its push service and a mark, of a token its end. All others
 * are shown as they are.
 *
 * @example
 * shownAddress('dana@example.com') // 'dana@example.com'
 * shownAddress('{"endpoint":"https://fcm.googleapis.com/fcm/send/…","keys":{…}}') // 'fcm.googleapis.com #4c1e07'
 * shownAddress('cX3…:APA91b…9f4c1e') // 'token …9f4c1e'
 */
export function shownAddress(address: string): string {
  if (address.startsWith('{')) {
    const host = /"endpoint"\s*:\s*"https?:\/\/([^/"?#@\s]{1,100})["/?#]/.exec(address)?.[1]
    return `${host ?? 'subscription'} #${hash('sha256', address, 'hex').slice(0, marksMax)}`
  }
  return tokenForm.test(address) ? `token …${address.slice(-marksMax)}` : address
}

/** A text in which the address of a device may stand, such as a conversation with its provider, with what is shown of it. */
export function withShownAddress(text: string, address: string): string {
  const shown = shownAddress(address)
  if (shown === address) return text
  const path = /"endpoint"\s*:\s*"https?:\/\/[^/"]+(\/[^"]+)"/.exec(address)?.[1]
  const whole = text.replaceAll(address, shown)
  return path === undefined ? whole : whole.replaceAll(path, '/…')
}

/** Longer than any number, member id or name of a chat, and of no other sign: nothing else that a person may have looks like it. */
const tokenForm = /^[\w:-]{22,4096}$/
