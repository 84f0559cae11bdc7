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

/** The address at which this browser is told now. */
export async function subscribedHere(): Promise<string | undefined> {
  if (whyNotHere() !== undefined) return undefined
  const registration = await navigator.serviceWorker.getRegistration('/')
  const subscription = await registration?.pushManager.getSubscription()
  return subscription?.endpoint
}

/** Asks for permission, and subscribes. @throws Error where the person or the browser refuses */
export async function subscribeHere(publicKey: string): Promise<HereSubscription> {
  if ((await Notification.requestPermission()) !== 'granted') throw new Error('The browser was not allowed to show notifications.')
  const registration = await navigator.serviceWorker.register('/push-worker.js')
  await navigator.serviceWorker.ready
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: publicKey })
  const { endpoint, keys } = subscription.toJSON()
  const { p256dh, auth } = keys ?? {}
  if (endpoint === undefined || p256dh === undefined || auth === undefined) throw new Error('The browser gave a subscription without keys.')
  return { endpoint, keys: { p256dh, auth } }
}

export async function unsubscribeHere(): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration('/')
  const subscription = await registration?.pushManager.getSubscription()
  await subscription?.unsubscribe()
}
