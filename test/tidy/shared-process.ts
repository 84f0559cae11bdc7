import { lineAt, type Rule } from './house.ts'

/** As in vitest.config.ts: files of tests that run one after the other in the same process. */
const together = /^packages\/core\/src\/(?:model|rules|routing|queue|delivery|locales|reports|mapping\/(?!answer-reader)|channels\/(?!email|wording|transport\/http))\b.*\.test\.ts$/

/** What would be felt by the next file: another process under way, or something of this one that is changed. */
const felt = /\bprocess\.(?:env|on|once|chdir|exit|exitCode|kill|umask)\b|\bvi\.(?:mock|doMock|hoisted|stub\w+|spyOn|useFakeTimers)\b|\bimport\b[^\n]*'node:(?:child_process|worker_threads)'/g

export const sharedProcessIsLeftAsItWas: Rule = (house) =>
  house.files
    .filter(({ path }) => together.test(path))
    .flatMap(({ path, text, code }) =>
      [...text.matchAll(felt)]
        .filter((match) => code.startsWith(match[0].slice(0, 4), match.index))
        .map((match) => ({ path, line: lineAt(text, match.index), what: `${match[0]} is felt by the files that share the process: take this one out of "together" in vitest.config.ts` })),
    )
