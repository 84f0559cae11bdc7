import { Table, VisuallyHidden } from '@mantine/core'
import type { ReactElement, ReactNode } from 'react'

export interface DataColumn<Row> {
  readonly id: string
  readonly head: string
  readonly cell: (row: Row) => ReactNode
  /** Its head is for screen readers alone: what stands below says it. */
  readonly isQuiet?: boolean
}

interface DataTableProps<Row> {
  readonly label: string
  readonly rows: readonly Row[]
  readonly idOf: (row: Row) => string
  readonly columns: readonly DataColumn<Row>[]
  /** Narrower than it, the table is scrolled in its own frame, CSS pixels. @default 560 */
  readonly minWidth?: number
}

/** A short table. The first column names its row. */
export function DataTable<Row>({ label, rows, idOf, columns, minWidth = 560 }: DataTableProps<Row>): ReactElement {
  return (
    <Table.ScrollContainer minWidth={minWidth} scrollAreaProps={{ viewportProps: { tabIndex: 0, role: 'region', 'aria-label': label } }}>
      <Table fz="sm" aria-label={label} highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            {columns.map(({ id, head, isQuiet }) => (
              <Table.Th key={id}>{isQuiet === true ? <VisuallyHidden>{head}</VisuallyHidden> : head}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={idOf(row)} data-row={idOf(row)}>
              {columns.map(({ id, cell }, index) =>
                index === 0 ? (
                  <Table.Th key={id} scope="row" fw={500}>
                    {cell(row)}
                  </Table.Th>
                ) : (
                  <Table.Td key={id}>{cell(row)}</Table.Td>
                ),
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
