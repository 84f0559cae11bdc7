/** How urgent an alert is. `critical` passes quiet hours and limits; `info` is merged. */
export const severities = ['critical', 'high', 'warning', 'info'] as const
export type Severity = (typeof severities)[number]

/** 0 for critical to 3 for info: the priority of a delivery, lower first. */
export function priorityOf(severity: Severity): number {
  return severities.indexOf(severity)
}
