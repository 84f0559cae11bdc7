import type { ComponentType } from 'react'
import type { Operation } from '../api/me'
import type { Word } from '../words/catalogues'

/** One page of a project. `path` stands after `/p/:project`; what is loaded, is loaded with it. */
export interface Page {
  readonly path: string
  /** Its name, in the navigation, the palette and the title. */
  readonly word: Word
  readonly group: 'watch' | 'shape' | 'admin' | 'me' | 'none'
  /** The second key after `g`. */
  readonly key?: string
  /** Who may not is told so, and whom to ask. */
  readonly needs?: Operation
  load(): Promise<{ readonly Page: ComponentType }>
}

export const pages: readonly Page[] = [
  { path: '/', word: 'page.overview', group: 'watch', key: 'o', needs: 'overview:read', load: async () => import('../pages/overview/page') },
  { path: '/alerts/{-$id}', word: 'page.alerts', group: 'watch', key: 'a', needs: 'alerts:read', load: async () => import('../pages/alerts/page') },
  { path: '/sessions/{-$id}', word: 'page.sessions', group: 'watch', key: 's', needs: 'sessions:read', load: async () => import('../pages/sessions/page') },
  { path: '/messages/{-$id}', word: 'page.messages', group: 'watch', key: 'm', needs: 'alerts:read', load: async () => import('../pages/messages/page') },
  { path: '/rules/{-$name}', word: 'page.rules', group: 'shape', key: 'r', needs: 'rules:read', load: async () => import('../pages/rules/page') },
  { path: '/budgets/{-$name}', word: 'page.budgets', group: 'shape', key: 'b', needs: 'budgets:read', load: async () => import('../pages/budgets/page') },
  { path: '/routing', word: 'page.routing', group: 'shape', needs: 'routes:read', load: async () => import('../pages/routing/page') },
  { path: '/silences', word: 'page.silences', group: 'shape', needs: 'silences:read', load: async () => import('../pages/silences/page') },
  { path: '/channels/{-$name}', word: 'page.channels', group: 'shape', key: 'c', needs: 'channels:read', load: async () => import('../pages/channels/page') },
  { path: '/people/{-$name}', word: 'page.people', group: 'shape', needs: 'people:read', load: async () => import('../pages/people/page') },
  { path: '/templates/{-$name}', word: 'page.templates', group: 'shape', needs: 'templates:read', load: async () => import('../pages/templates/page') },
  { path: '/admin/projects', word: 'page.projects', group: 'admin', needs: 'projects:read', load: async () => import('../pages/admin/projects/page') },
  { path: '/admin/members', word: 'page.members', group: 'admin', needs: 'members:read', load: async () => import('../pages/admin/members/page') },
  { path: '/admin/keys', word: 'page.keys', group: 'admin', needs: 'keys:read', load: async () => import('../pages/admin/keys/page') },
  { path: '/admin/audit', word: 'page.audit', group: 'admin', needs: 'audit:read', load: async () => import('../pages/admin/audit/page') },
  { path: '/admin/retention', word: 'page.retention', group: 'admin', needs: 'settings:read', load: async () => import('../pages/admin/retention/page') },
  { path: '/admin/health', word: 'page.health', group: 'admin', needs: 'health:read', load: async () => import('../pages/admin/health/page') },
  { path: '/me', word: 'page.me', group: 'me', load: async () => import('../pages/me/page') },
  { path: '/start', word: 'page.start', group: 'none', needs: 'overview:read', load: async () => import('../pages/start/page') },
]

/** `/alerts/{-$id}` is `/alerts` without one. */
export function listPath({ path }: Page): string {
  return path.replace(/\/\{.*$/, '')
}
