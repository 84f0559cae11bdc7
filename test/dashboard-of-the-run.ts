import { buildDashboard } from '../packages/dashboard/build.ts'

/** The server serves it: built once for all tests, and only if it has changed. */
export async function setup(): Promise<void> {
  await buildDashboard()
}
