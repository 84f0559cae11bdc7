import type { Alert, AlertKind } from './alert.ts'
import type { ParamName } from './message.ts'

export const roles = ['owner', 'admin', 'developer', 'billing', 'viewer'] as const
export type Role = (typeof roles)[number]

/** Parts of a message that need a permission of their own. */
export const parts = ['costDetail', 'sessionContent', 'personalData'] as const
export type Part = (typeof parts)[number]

interface Permissions {
  /** Kinds of alert this role may be told about. */
  readonly receives: readonly AlertKind[]
  /** Parts of those messages this role may see. */
  readonly sees: readonly Part[]
}

const all: Permissions = { receives: ['session', 'model', 'tool', 'cost', 'system'], sees: parts }

/** The one table of permissions: it rules what people are sent and what they may look at. */
export const permissions: Readonly<Record<Role, Permissions>> = {
  owner: all,
  admin: all,
  developer: { receives: ['session', 'model', 'tool', 'cost'], sees: ['costDetail', 'sessionContent'] },
  billing: { receives: ['cost'], sees: ['costDetail'] },
  viewer: { receives: ['session', 'model', 'tool'], sees: [] },
}

/** What the role permits; and that their own address does not work, which everybody may hear. */
export function mayHear(role: Role, person: string, alert: Pick<Alert, 'kind' | 'message' | 'params'>): boolean {
  return permissions[role].receives.includes(alert.kind) || isOwnAddress(person, alert)
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
