/** How urgent an alert is. `critical` passes quiet hours and limits; `info` is merged. */
export const severities = ['critical', 'high', 'warning', 'info'] as const
export type Severity = (typeof severities)[number]

/** 0 for critical to 3 for info: the priority of a delivery, lower first. */
export function priorityOf(severity: Severity): number {
  return severities.indexOf(severity)
}

/** All of them, the most urgent first. */
export const priorities: readonly number[] = severities.map(priorityOf)

/** Too old to send so long after it was due, milliseconds. */
export function keepMs(severity: Severity): number {
  const hourMs = 3_600_000
  if (severity === 'critical') return 6 * hourMs
  return severity === 'high' ? 24 * hourMs : 72 * hourMs
}
