import { alertKinds, type Alert, type AlertKind } from './alert.ts'
import type { ParamName } from './message.ts'

export const roles = ['owner', 'admin', 'developer', 'billing', 'viewer'] as const
export type Role = (typeof roles)[number]

/** Parts of a message that need a permission of their own. */
export const parts = ['costDetail', 'sessionContent', 'personalData'] as const
export type Part = (typeof parts)[number]

/**
 * What can be done through the server, in the words of its API. `own:read`: what one was sent oneself; `messages:read`: what anybody was sent.
 */
export const operations = [
  'own:read', 'own:write',
  'alerts:read', 'alerts:act', 'sessions:read', 'messages:read', 'messages:resend', 'reports:read', 'overview:read', 'spend:read',
  'rules:read', 'rules:write', 'budgets:read', 'budgets:write', 'routes:read', 'routes:write', 'silences:read', 'silences:write',
  'channels:read', 'channels:write', 'people:read', 'people:write', 'templates:read', 'templates:write', 'backtests:run',
  'projects:read', 'projects:write', 'members:read', 'members:write', 'keys:read', 'keys:write', 'audit:read', 'health:read',
  'data:export', 'data:erase', 'settings:read', 'settings:write',
  'events:write',
] as const
export type Operation = (typeof operations)[number]

interface Permissions {
  /** Kinds of alert this role may be told about. */
  readonly receives: readonly AlertKind[]
  /** Parts of those messages this role may see. */
  readonly sees: readonly Part[]
  /** Kinds of alert that this role may acknowledge, snooze and end. */
  readonly acts: readonly AlertKind[]
  /** What this role may do through the server. */
  readonly does: readonly Operation[]
}

/** Everybody who may look at all: at alerts of the kinds that the role receives, and at how they come about. */
const looks: readonly Operation[] = ['own:read', 'own:write', 'alerts:read', 'alerts:act', 'reports:read', 'overview:read', 'rules:read', 'budgets:read', 'routes:read', 'silences:read', 'projects:read']
const everything: Omit<Permissions, 'does'> = { receives: alertKinds, sees: parts, acts: alertKinds }
/** Only who owns the installation makes and ends projects, and erases what is known of somebody. */
const ownersOnly: readonly Operation[] = ['projects:write', 'data:erase']

/** The one table of permissions: it rules what people are sent and what they may look at. */
export const permissions: Readonly<Record<Role, Permissions>> = {
  owner: { ...everything, does: operations },
  admin: { ...everything, does: operations.filter((operation) => !ownersOnly.includes(operation)) },
  developer: {
    receives: ['session', 'model', 'tool', 'cost'], sees: ['costDetail', 'sessionContent'], acts: alertKinds,
    does: [...looks, 'spend:read', 'sessions:read', 'rules:write', 'silences:write', 'backtests:run', 'events:write'],
  },
  billing: { receives: ['cost'], sees: ['costDetail'], acts: ['cost'], does: [...looks, 'spend:read', 'budgets:write', 'backtests:run'] },
  viewer: { receives: ['session', 'model', 'tool'], sees: [], acts: [], does: [...looks.filter((operation) => operation !== 'alerts:act'), 'sessions:read'] },
}

/** What the role permits; and that their own address does not work, which everybody may hear. */
export function mayHear(role: Role, person: string, alert: Pick<Alert, 'kind' | 'message' | 'params'>): boolean {
  if (isReport(alert)) return isOwnReport(role, person, alert)
  return permissions[role].receives.includes(alert.kind) || isOwnAddress(person, alert)
}

/** Whether it is a report: made for one person, of what their role may see. */
function isReport({ message }: Pick<Alert, 'message'>): boolean {
  return message === 'report.day' || message === 'report.week'
}

/** Whoever has another role since it was made may see more or less than is in it. */
function isOwnReport(role: Role, person: string, { params }: Pick<Alert, 'params'>): boolean {
  return person !== '' && params.person === person && params.role === role
}

/** Whether the alert says that an address of this person does not work. */
export function isOwnAddress(person: string, { message, params }: Pick<Alert, 'message' | 'params'>): boolean {
  return message === 'system.address-bad' && person !== '' && params.person === person
}

/** Which part a message parameter belongs to; parameters not named here are seen by everybody who is told. */
export const partOfParam: Readonly<Partial<Record<ParamName, Part>>> = {
  costUsd: 'costDetail',
  spentUsd: 'costDetail',
  remainingUsd: 'costDetail',
  amountUsd: 'costDetail',
  changeUsd: 'costDetail',
  changePercent: 'costDetail',
  projectedUsd: 'costDetail',
  perMinuteUsd: 'costDetail',
  usualPerMinuteUsd: 'costDetail',
  extraUsd: 'costDetail',
  limitUsd: 'costDetail',
  valueUsd: 'costDetail',
  expectedUsd: 'costDetail',
  lowUsd: 'costDetail',
  highUsd: 'costDetail',
  madeUser: 'personalData',
  madeUser2: 'personalData',
  causeMessage: 'sessionContent',
  errorMessage: 'sessionContent',
  endReason: 'sessionContent',
  excerpt: 'sessionContent',
  groupContent: 'sessionContent',
  groupUser: 'personalData',
  scopeUser: 'personalData',
  address: 'personalData',
}

/** What an agent said, in the parameters of a message. */
export const contentParams: readonly string[] = Object.entries(partOfParam).flatMap(([name, part]) => (part === 'sessionContent' ? [name] : []))
