import { ProblemError } from '../../api/client'

/** What a browser subscribes with, as the server takes it. */
export interface HereSubscription {
  readonly endpoint: string
  readonly keys: { readonly p256dh: string; readonly auth: string }
}

/** Why this browser cannot be told; `undefined`: it can. */
export function whyNotHere(): 'unsupported' | 'insecure' | 'denied' | undefined {
  if (!isSecureContext) return 'insecure'
  if (!('serviceWorker' in navigator) || !('PushManager' in globalThis)) return 'unsupported'
  if (Notification.permission === 'denied') return 'denied'
  return undefined
}

/** By which this browser stands in the list of those that are told, be it in one's own or in somebody else's; `undefined`: it is subscribed to nothing. */
export async function idHere(): Promise<string | undefined> {
  if (whyNotHere() !== undefined) return undefined
  const registration = await navigator.serviceWorker.getRegistration('/')
  const subscription = await registration?.pushManager.getSubscription()
  if (subscription === null || subscription === undefined) return undefined
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(subscription.endpoint))
  return btoa(String.fromCharCode(...new Uint8Array(hash))).replaceAll('+', '-').replaceAll('/', '_').slice(0, idChars)
}

/** As the server cuts it. */
const idChars = 22

/** Asks for permission, and subscribes. @throws ProblemError where the person or the browser refuses */
export async function subscribeHere(publicKey: string): Promise<HereSubscription> {
  if ((await Notification.requestPermission()) !== 'granted') throw new ProblemError({ status: 0, code: 'push-refused', detail: 'The browser was not allowed to show notifications.' })
  const registration = await navigator.serviceWorker.register('/push-worker.js')
  await navigator.serviceWorker.ready
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey })
  const { endpoint, keys } = subscription.toJSON()
  const { p256dh, auth } = keys ?? {}
  if (endpoint === undefined || p256dh === undefined || auth === undefined) throw new ProblemError({ status: 0, code: 'push-without-keys', detail: 'The browser gave a subscription without keys.' })
  return { endpoint, keys: { p256dh, auth } }
}

export async function unsubscribeHere(): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration('/')
  const subscription = await registration?.pushManager.getSubscription()
  await subscription?.unsubscribe()
}
