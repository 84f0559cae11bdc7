import type { BatchTotal } from '../../model/notification.ts'
import { tables } from '../rows/tables.ts'
import type { AlertRow } from '../rows/tables.ts'
import type { Source } from '../rows/source.ts'
import type { Prepare } from './statement.ts'

const counted: Source<Pick<AlertRow, 'kind' | 'severity'> & { late: number; count: number }> = {
  from: `${tables.batchItems.from} join ${tables.alerts.from} on alerts.id = batch_items.alert`,
  qualified: { count: 'count(*)' },
}

/** How many alerts of each kind and severity a batch holds, those of the oldest first. */
export function batchTotals(prepare: Prepare): (delivery: number) => readonly BatchTotal[] {
  const find = prepare.select(counted, ['kind', 'severity', 'late', 'count'], 'where delivery = ? group by kind, severity, late order by min(batch_items.alert)')
  return (delivery) => find.all(delivery).map(({ kind, severity, late, count }) => ({ kind, severity, isLate: late !== 0, count }))
}
