/** A table or a join, and what its rows look like. */
export interface Source<Row> {
  /** Stands after `from`. */
  readonly from: string
  /** Columns of a join whose name stands in several of its tables, written out. */
  readonly qualified?: { readonly [Column in keyof Row]?: string }
  /** For types only; never set. */
  readonly row?: Row
}

/** The values of these columns, in their order. */
export type ColumnsOf<Row, Columns extends readonly (keyof Row)[]> = { readonly [Place in keyof Columns]: Row[Columns[Place]] }
