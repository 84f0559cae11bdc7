import type { Routes } from '../routes.ts'
import { alertActionRoutes } from './alert-actions.ts'
import { alertRoutes } from './alerts.ts'
import { decisionRoutes } from './decisions.ts'
import { deliveryRoutes } from './deliveries.ts'
import { messageRoutes } from './messages.ts'
import { overviewRoutes } from './overview.ts'
import { reportRoutes } from './reports.ts'
import { resendRoutes } from './resend.ts'
import { sessionRoutes } from './sessions.ts'
import { spendRoutes } from './spend.ts'

/** All that is looked at and acted on. */
export const listRoutes: Routes = async (app, parts) => {
  for (const routes of [alertRoutes, alertActionRoutes, deliveryRoutes, messageRoutes, resendRoutes, sessionRoutes, decisionRoutes, reportRoutes, overviewRoutes, spendRoutes]) await routes(app, parts)
}
