import type { Routes } from './routes.ts'

/** `/metrics`, for Prometheus with a key that may read (`authorization: { credentials: tok_… }`). */
export const metricRoutes: Routes = (app, { metrics }) => {
  app.get('/metrics', { config: { access: 'health:read', scope: 'installation', answers: { type: 'text/plain', says: 'The text form of Prometheus.' } }, schema: { summary: 'What the server measures of itself, for Prometheus', operationId: 'readMetrics', tags: ['operations'] } }, async ({ principal }, reply) => {
    const text = await metrics.text()
    return reply.header('content-type', metrics.contentType).send(principal.isEverywhere ? text : linesOf(text, (project) => principal.may('health:read', project)))
  })
}

/** Without the lines about projects that are not theirs: even their names are for those who belong to them. */
function linesOf(text: string, isTheirs: (project: string) => boolean): string {
  return text.split('\n').filter((line) => {
    const project = /[{,]project="([^"]*)"/.exec(line)?.[1]
    return project === undefined || isTheirs(project)
  }).join('\n')
}
