/**
 * Proves the tests: plants faults one by one in a copy of the working tree, and shows which test finds each.
 * `npm run test:faults`, or `npm run test:faults -- relay` for those whose names have the word.
 */
import { execFile, spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { countOf, FAULTS, type Fault } from './faults/list.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const say = (line: string): void => void process.stdout.write(`${line}\n`)
/** A test that hangs on a fault has found it. */
const TEST_LIMIT_MS = 30_000
/** The same of all the tests of a file, which may have limits of their own. */
const FILE_LIMIT_MS = 180_000

interface Report {
  readonly numPassedTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

/** Everything that git knows of or would, as it is now. */
const copyTree = async (to: string): Promise<void> => {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const { stdout } = await promisify(execFile)('git', list, { cwd: root, maxBuffer: 2 ** 26 })
  for (const path of stdout.split('\0').filter(Boolean)) {
    await mkdir(dirname(join(to, path)), { recursive: true })
    // Deleted and not committed yet.
    await cp(join(root, path), join(to, path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
  }
  await symlink(join(root, 'node_modules'), join(to, 'node_modules'), 'dir')
}

/** Runs tests of the copy; undefined when they could not be run at all. */
const runTests = async (
  tree: string,
  tests: readonly string[],
  { bail = false, only }: { bail?: boolean; only?: string | undefined } = {},
): Promise<Report | undefined> => {
  const output = join(tree, 'report.json')
  await rm(output, { force: true })
  const args = [
    'run',
    ...tests.map((test) => `test/${test}`),
    '--reporter=json',
    `--outputFile=${output}`,
    ...(only === undefined ? [] : ['-t', only]),
    ...(bail ? ['--bail=1', `--testTimeout=${TEST_LIMIT_MS}`] : []),
  ]
  await new Promise<void>((resolve) => {
    const child = spawn(join(root, 'node_modules/.bin/vitest'), args, { cwd: tree, stdio: 'ignore' })
    const timer = bail ? setTimeout(() => child.kill(), FILE_LIMIT_MS) : undefined
    const ended = () => {
      clearTimeout(timer)
      resolve()
    }
    child.on('error', ended)
    child.on('close', ended)
  })
  return readFile(output, 'utf8').then(
    (text): Report => JSON.parse(text),
    () => undefined,
  )
}

const failuresIn = (tree: string, report: Report | undefined): string[] =>
  (report?.testResults ?? []).flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'failed')
      .map(({ fullName }) => `${name.slice(tree.length + 1)}: ${fullName}`),
  )

/** The test that found a fault, or why none did. */
const plant = async (tree: string, fault: Fault): Promise<{ isCaught: boolean; by: string }> => {
  const path = join(tree, 'src', fault.file)
  const text = await readFile(path, 'utf8')
  const count = countOf(text, fault)
  if (count !== 1) return { isCaught: false, by: `its text stands ${count} times in src/${fault.file}` }
  await writeFile(
    path,
    text.replace(fault.text, () => fault.becomes),
  )
  try {
    // One after the other: the first that finds it is enough.
    for (const test of fault.tests) {
      const report = await runTests(tree, [test], { bail: true, only: fault.only })
      const [found] = failuresIn(tree, report)
      if (found) return { isCaught: true, by: found }
      // It ran without the fault: now it does not come to an end.
      if (!report) return { isCaught: true, by: `test/${test}: hangs` }
      if (report.numPassedTests === 0) return { isCaught: false, by: `${test} could not be run` }
    }
    return { isCaught: false, by: `none of ${fault.tests.join(', ')} found it` }
  } finally {
    await writeFile(path, text)
  }
}

const HELP = `Proves the tests: plants faults one by one in a copy of the working tree, and shows which test finds each.

npm run test:faults -- [options] [word]
  word     only faults that have it in their names; all ${FAULTS.length} unless given
  --list   their names, and plants none
  --help

What they are is in scripts/faults/list.ts. The exit code is 0 if every one was caught.`

const readArguments = () => {
  try {
    return parseArgs({
      options: { list: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    })
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`)
    return process.exit(2)
  }
}
const { values, positionals } = readArguments()
if (values.help) {
  say(HELP)
  process.exit(0)
}
const word = positionals.length > 0 ? positionals.join(' ') : undefined
const faults = FAULTS.filter(({ name }) => word === undefined || name.includes(word))
if (faults.length === 0) {
  say(`No fault has “${word}” in its name.`)
  process.exit(2)
}
if (values.list) {
  for (const { name } of faults) say(name)
  process.exit(0)
}
const began = performance.now()
const tree = await mkdtemp(join(tmpdir(), 'hypha-faults-'))
const rows: { fault: Fault; isCaught: boolean; by: string }[] = []
try {
  await copyTree(tree)
  const isWhole = ({ only }: Fault) => only === undefined
  const whole = new Set(faults.filter(isWhole).flatMap((fault) => fault.tests))
  const parts = faults.filter((fault) => !isWhole(fault))
  say(`Without a fault: ${whole.size} files of tests, and parts of ${parts.length}`)
  /** Once more where something fails: a busy machine is no fault. */
  const check = async (tests: readonly string[], only?: string): Promise<string[]> => {
    let failures: string[] = []
    for (let i = 0; i < 2; i++) {
      const report = await runTests(tree, tests, { only })
      failures = failuresIn(tree, report)
      if (!report || report.numPassedTests === 0) failures.push(`${tests.join(', ')} could not be run`)
      if (failures.length === 0) break
    }
    return failures
  }
  const failures = whole.size > 0 ? await check([...whole]) : []
  const checked = new Set<string>()
  for (const { tests, only = '' } of parts) {
    const name = `${tests.join()} ${only}`
    if (!checked.has(name)) failures.push(...(await check(tests, only)))
    checked.add(name)
  }
  if (failures.length > 0) {
    say(`They fail already: ${failures.join('; ')}`)
    process.exitCode = 1
  } else {
    for (const fault of faults) {
      const row = { fault, ...(await plant(tree, fault)) }
      rows.push(row)
      say(`${row.isCaught ? 'caught' : 'MISSED'}  ${fault.name}`)
    }
  }
} finally {
  await rm(tree, { recursive: true })
}
if (rows.length > 0) {
  const width = Math.max(...faults.map(({ name }) => name.length))
  say(`\n${'Fault'.padEnd(width)}  Found by`)
  for (const { fault, isCaught, by } of rows)
    say(`${fault.name.padEnd(width)}  ${isCaught ? by : `MISSED: ${by}`}`)
  const caught = rows.filter(({ isCaught }) => isCaught).length
  say(`\n${caught} of ${rows.length} caught in ${Math.round((performance.now() - began) / 1_000)} s`)
  process.exitCode = caught === faults.length ? 0 : 1
}
