import type { PersonalWrites } from '../../model/personal.ts'
import { eraseStep } from '../rows/personal-writes.ts'
import type { Context } from './context.ts'
import { change, query as asking } from './statement.ts'

export function eraser({ sql, projects }: Context): PersonalWrites {
  const numbered = (text: string): string => {
    let count = 0
    return text.replaceAll('?', () => `$${(count += 1)}`)
  }
  return {
    erase: (query) =>
      eraseStep(
        {
          all: <Row>(text: string, values: readonly (string | number | null)[]) => sql.all({ ...asking<Row>(numbered(text)), once: true }, ...values),
          run: (text, values) => sql.run({ ...change(numbered(text)), once: true }, ...values),
          project: (name) => projects.known(name),
          hasDigest: true,
        },
        query,
      ),
  }
}
