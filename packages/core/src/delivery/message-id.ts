import type { Notification } from '../model/notification.ts'

/** Stable over retries, restarts and machines: made of the notification alone. */
export function messageIdOf({ project, id, createdAtMs }: Pick<Notification, 'project' | 'id' | 'createdAtMs'>): string {
  return `tocsin-${project}-${id}-${createdAtMs.toString(36)}`
}
