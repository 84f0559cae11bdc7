import type { Reporter, TestModule } from 'vitest/node'

/**
 * Ends every run with `N passed, N failed` alone on a line, so that a person and a script read the same verdict.
 * A file that cannot be loaded and an error outside any test count as one failure each; skipped tests count as neither.
 */
export const closingLine: Reporter = {
  onTestRunEnd(modules, unhandledErrors) {
    const verdicts = modules.map(verdictOf)
    const passed = verdicts.reduce((sum, verdict) => sum + verdict.passed, 0)
    const failed = verdicts.reduce((sum, verdict) => sum + verdict.failed, unhandledErrors.length)
    // After the default reporter's summary, which writes when its own turn in this event comes.
    process.once('exit', () => process.stdout.write(`${passed} passed, ${failed} failed\n`))
  },
}

function verdictOf(module: TestModule): { readonly passed: number; readonly failed: number } {
  const passed = [...module.children.allTests('passed')].length
  const failed = [...module.children.allTests('failed')].length
  const failedOutsideTests = module.state() === 'failed' && failed === 0 ? 1 : 0
  return { passed, failed: failed + failedOutsideTests }
}
