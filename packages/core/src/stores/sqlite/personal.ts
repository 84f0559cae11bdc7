import type { PersonalWrites } from '../../model/personal.ts'
import { eraseStep } from '../rows/personal-writes.ts'
import type { Projects } from './projects.ts'
import type { Prepare } from './statement.ts'

/** @param forgetMemory what is held in memory of the tables that are changed */
export function eraser(prepare: Prepare, projects: Projects, forgetMemory: () => void): PersonalWrites {
  const inSqlite = (text: string): string => text.replaceAll(/@(?=[a-z_])/g, '')
  return {
    async erase(query) {
      forgetMemory()
      return eraseStep(
        {
          all: async <Row>(text: string, values: readonly (string | number | null)[]) => prepare.query<Row>(inSqlite(text)).all(...values),
          run: async (text, values) => prepare.change(inSqlite(text)).run(...values).changes,
          project: async (name) => projects.known(name),
          hasDigest: false,
        },
        query,
      )
    },
  }
}
