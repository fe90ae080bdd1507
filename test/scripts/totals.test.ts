import { describe, expect, it } from 'vitest'
import { countTests } from '../../scripts/test/totals.js'

const report = (testResults: { status: string; assertionResults: { status: string }[] }[], failed = 0) =>
  JSON.stringify({ numPassedTests: 7, numFailedTests: failed, testResults })

describe('counting tests', () => {
  it('takes what the report says', () => {
    expect(countTests(report([{ status: 'passed', assertionResults: [{ status: 'passed' }] }]), 0)).toEqual({
      passed: 7,
      failed: 0,
    })
    const failed = [{ status: 'failed', assertionResults: [{ status: 'failed' }] }]
    expect(countTests(report(failed, 1), 1)).toEqual({ passed: 7, failed: 1 })
  })

  it('counts a file that could not be loaded', () => {
    expect(countTests(report([{ status: 'failed', assertionResults: [] }]), 1)).toEqual({
      passed: 7,
      failed: 1,
    })
  })

  it('never takes a run that failed, or one without a report, for a good one', () => {
    expect(countTests(report([]), 1)).toEqual({ passed: 7, failed: 1 })
    expect(countTests('', 0)).toEqual({ passed: 0, failed: 1 })
    expect(countTests('{}', 0)).toEqual({ passed: 0, failed: 1 })
  })
})
