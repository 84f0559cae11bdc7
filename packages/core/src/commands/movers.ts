/** Where an installation is. */
export interface At {
  readonly data: string
  readonly databaseUrl?: string
  readonly allowInsecureDatabase?: true
}

interface Surroundings {
  readonly env: NodeJS.ProcessEnv
  readonly notice: (text: string) => void
}

interface Copied {
  readonly name: string
  readonly rows: number
  readonly checksum: string
}

/** Whom something is kept about: one of person and user. */
export interface Whom {
  readonly person?: string
  readonly user?: string
  readonly project?: string
  readonly config?: string
}

/** What of `@tocsin/server` moves, keeps and erases what an installation holds. */
export interface Movers {
  migrate(options: At & Surroundings & { readonly from: string; readonly to: string }): Promise<{ readonly from: string; readonly to: string; readonly tables: readonly Copied[]; readonly lockedMs: number; readonly tookMs: number; readonly secretKey: string }>
  backUp(options: At & Surroundings & { readonly file: string }): Promise<{ readonly file: string; readonly bytes: number; readonly tables: readonly Copied[]; readonly tookMs: number; readonly secretKey: string }>
  restore(options: At & Surroundings & { readonly file: string; readonly hold: boolean }): Promise<{ readonly to: string; readonly madeMs: number; readonly tables: readonly Copied[]; readonly waiting: number; readonly held: boolean; readonly tookMs: number; readonly secretKey: string }>
  resumeRestored(options: At & Surroundings): Promise<readonly string[]>
  exportPersonal(options: At & Surroundings & Whom & { readonly by: string }, write: (text: string) => Promise<void>): Promise<{ readonly things: number }>
  erasePersonal(options: At & Surroundings & Whom & { readonly by: string }): Promise<{ readonly as: string; readonly rows: number }>
  tableLines(tables: readonly Copied[]): readonly string[]
}
