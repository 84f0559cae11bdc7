import type { AlertKind } from './alert.ts'
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

/** Which part a message parameter belongs to; parameters not named here are seen by everybody who is told. */
export const partOfParam: Readonly<Partial<Record<ParamName, Part>>> = {
  costUsd: 'costDetail',
  spentUsd: 'costDetail',
  remainingUsd: 'costDetail',
  amountUsd: 'costDetail',
  limitUsd: 'costDetail',
  causeMessage: 'sessionContent',
  errorMessage: 'sessionContent',
  endReason: 'sessionContent',
  excerpt: 'sessionContent',
  address: 'personalData',
}
