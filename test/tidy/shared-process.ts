import { kindOfTest } from '../kinds-of-tests.ts'
import { lineAt, type Rule } from './house.ts'

/** What would be felt by the next file: another process under way, or something of this one that is changed. */
const felt = /\bprocess\.(?:env|on|once|chdir|exit|exitCode|kill|umask)\b|\bvi\.(?:mock|doMock|hoisted|stub\w+|spyOn|useFakeTimers)\b|\bimport\b[^\n]*'node:(?:child_process|worker_threads)'/g

export const sharedProcessIsLeftAsItWas: Rule = (house) =>
  house.files
    .filter(({ path }) => path.endsWith('.test.ts') && ['together', 'stored'].includes(kindOfTest(path)))
    .flatMap(({ path, text, code }) =>
      [...text.matchAll(felt)]
        .filter((match) => code.startsWith(match[0].slice(0, 4), match.index))
        .map((match) => ({ path, line: lineAt(text, match.index), what: `${match[0]} is felt by the files that share the process: name this one in test/kinds-of-tests.ts` })),
    )
