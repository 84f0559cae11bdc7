// Runs in the browser while no page is open: shows what the server tells, and opens the alert that it is about.
self.addEventListener('push', (event) => {
  const { title, body, url, tag, severity } = event.data.json()
  const isUrgent = severity === 'critical' || severity === 'high'
  event.waitUntil(self.registration.showNotification(title, { body, tag, renotify: isUrgent, requireInteraction: severity === 'critical', icon: '/favicon.svg', data: { url } }))
})

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  // Only a page of this server: an address in a message may be anything.
  const url = new URL(event.notification.data?.url ?? '/', self.location.origin)
  event.waitUntil(self.clients.openWindow(url.origin === self.location.origin ? url.href : '/'))
})
