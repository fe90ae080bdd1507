export interface Totals {
  passed: number
  failed: number
}

/**
 * What a report of vitest's JSON reporter counts. A file that could not even be loaded has no tests to count and is one failure;
 * so is a run that failed without a failed test (an error outside of any), or that left no report.
 */
export const countTests = (report: string, exitCode: number): Totals => {
  let totals: Totals = { passed: 0, failed: 0 }
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(report) as {
      numPassedTests: number
      numFailedTests: number
      testResults: { status: string; assertionResults: { status: string }[] }[]
    }
    const brokenFiles = testResults.filter(
      ({ status, assertionResults }) =>
        status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
    )
    totals = { passed: numPassedTests, failed: numFailedTests + brokenFiles.length }
  } catch {
    return { passed: 0, failed: 1 }
  }
  return exitCode !== 0 && totals.failed === 0 ? { ...totals, failed: 1 } : totals
}
