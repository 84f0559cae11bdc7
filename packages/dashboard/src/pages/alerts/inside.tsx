import { useMemo, type ReactElement } from 'react'
import { useProject } from '../../app/project'
import { Card } from '../../parts/card'
import { Given } from '../../parts/given'
import { Ago } from '../../parts/moment'
import { useRowPages } from '../../parts/row-pages'
import { Rows, type Column } from '../../parts/rows'
import { Severity } from '../../parts/severity'
import { Failed, Loading } from '../../parts/states'
import { useSay } from '../../words/say'
import type { Alert } from './acts'
import type { WholeAlert } from './detail'

const idOf = ({ id }: Alert): string => id
const news = { kind: 'alert', merge: (row: Alert, now: Alert): Alert => ({ ...row, ...now }) } as const

/** All that is part of it, however many. */
export function Inside({ of: { id, parts = 0 } }: { readonly of: WholeAlert }): ReactElement {
  const say = useSay()
  const project = useProject()
  const asked = useMemo(() => ({ parent: id }), [id])
  const groups = useMemo(() => [asked], [asked])
  const pages = useRowPages('/api/v1/alerts', groups, asked, news, idOf)
  const columns = useMemo<readonly Column<Alert>[]>(
    () => [
      { id: 'severity', head: say('alerts.severity'), width: '5.75rem', card: 'first', cell: ({ severity }) => <Severity of={severity} /> },
      { id: 'title', head: say('alerts.title'), width: 'minmax(0, 1fr)', card: 'title', cell: ({ title }) => <Given lines={2}>{title}</Given> },
      { id: 'agent', head: say('alerts.agent'), width: 'minmax(0, 8rem)', cell: ({ agent }) => agent !== undefined && <Given lines={1}>{agent}</Given> },
      { id: 'since', head: say('alerts.since'), width: '6.5rem', align: 'end', cell: ({ openedAtMs }) => <Ago atMs={openedAtMs} /> },
    ],
    [say],
  )
  const what = say('alerts.parts-of', { count: parts })
  return (
    <Card title={what}>
      {pages.error !== null && <Failed error={pages.error} what={what} again={pages.again} />}
      {pages.isFirst ? pages.error === null && <Loading rows={Math.min(6, parts)} /> : <Rows label={what} rows={pages.rows} idOf={idOf} columns={columns} linkIn="title" linkOf={(row) => `/p/${project}/alerts/${row.id}`} more={pages.more} />}
    </Card>
  )
}
