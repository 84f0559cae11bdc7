import { createHash } from 'node:crypto'
import { z } from 'zod'
import { alertKinds, severities, type EventInput, type Severity } from 'tocsin/engine'

const text = z.record(z.string().max(1_000), z.string().max(100_000)).default({})

/** Of more in one call the rest is refused; Alertmanager groups far fewer. */
const alertsMax = 10_000

/** The call of Alertmanager's `webhook_config`, version 4 (https://prometheus.io/docs/alerting/latest/configuration/#webhook_config); Grafana sends the same. */
export const alertmanagerCall = z.looseObject({
  version: z.string().max(20).optional(),
  externalURL: z.string().max(2_000).optional(),
  alerts: z
    .array(
      z.looseObject({
        status: z.enum(['firing', 'resolved']),
        labels: text,
        annotations: text,
        startsAt: z.iso.datetime({ offset: true }),
        endsAt: z.iso.datetime({ offset: true }).optional(),
        generatorURL: z.string().max(4_000).optional(),
        fingerprint: z.string().max(200).optional(),
      }),
    )
    .max(alertsMax),
})

/** Words of others for how bad it is. */
const severityWords: Readonly<Record<string, Severity>> = { page: 'critical', emergency: 'critical', fatal: 'critical', error: 'high', major: 'high', warn: 'warning', minor: 'warning', none: 'info', debug: 'info' }

/**
 * One event for each alert: one alert of ours lasts for each fingerprint, until Alertmanager says that it is over. What is sent again is the
 * same event and changes nothing. The label `severity` says how bad it is, in their words or ours; `kind` whom it concerns; every label is a tag.
 */
export function eventsOfAlertmanager({ alerts }: z.output<typeof alertmanagerCall>): readonly EventInput[] {
  return alerts.map(({ status, labels, annotations, startsAt, endsAt, fingerprint }) => {
    const about = fingerprint ?? fingerprintOf(labels)
    const over = status === 'resolved'
    const atMs = Date.parse(over ? (endsAt ?? startsAt) : startsAt)
    const name = labels['alertname'] ?? 'Alert'
    const body = [annotations['description'] ?? annotations['message'], annotations['runbook_url']].filter((part) => part !== undefined && part !== '').join('\n')
    return {
      type: 'custom',
      source: 'native',
      id: `alertmanager:${about}:${status}:${Date.parse(startsAt)}`.slice(0, idCharsMax),
      atMs,
      name,
      ...(labels['agent'] !== undefined && { agent: labels['agent'] }),
      tags: tagsOf(labels),
      announcement: { title: annotations['summary'] ?? name, severity: severityOf(labels['severity']), about: `alertmanager ${about}`, ...(body !== '' && { body }), ...(over && { over: true }) },
    }
  })
}

const idCharsMax = 200
const tagsMax = 30

function tagsOf(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const kind = labels['kind']
  // A kind of ours says who may be told; a word of theirs says nothing here.
  const own = Object.entries(labels).filter(([name]) => name !== 'kind' || alertKinds.some((known) => known === kind))
  return Object.fromEntries(own.slice(0, tagsMax))
}

/** How bad it is, in the words of others. Unknown words, and none, are `high`: somebody made an alert of it. */
export function severityOf(word: string | undefined): Severity {
  const lower = word?.toLowerCase() ?? ''
  return severities.find((known) => known === lower) ?? (Object.hasOwn(severityWords, lower) ? (severityWords[lower] ?? 'high') : 'high')
}

function fingerprintOf(labels: Readonly<Record<string, string>>): string {
  return createHash('sha256').update(JSON.stringify(Object.entries(labels).toSorted(([one], [other]) => (one < other ? -1 : 1)))).digest('hex').slice(0, 16)
}
