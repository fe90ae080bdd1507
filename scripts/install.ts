/**
 * The package as people install it: packed, then put into empty apps by several package managers, together with each of the
 * packages that are known to bring another engine or another sodium, and built by bundlers that the tests don't have.
 * `npm run test:install`, or with how names begin, to choose: `npm run test:install -- Parcel "pnpm, after"`.
 */
import { installPackage } from '../test/packed.js'
import { bundled } from './install/bundlers.js'
import { managed } from './install/managers.js'

const chosen = process.argv.slice(2)
const isChosen = (name: string): boolean =>
  chosen.length === 0 || chosen.some((part) => name.startsWith(part))
const say = (line: string): void => void process.stdout.write(`${line}\n`)

let failed = 0
const installed = await installPackage()
try {
  for (const [name, work] of [...managed(installed.tarball), ...bundled(installed.tarball)]) {
    if (!isChosen(name)) continue
    try {
      await work()
      say(`ok      ${name}`)
    } catch (error) {
      failed++
      const printed = error instanceof Error && 'stdout' in error ? String(error.stdout) : ''
      say(`FAILED  ${name}\n${printed}${error}`)
    }
  }
} finally {
  await installed.remove()
}
process.exitCode = failed === 0 ? 0 : 1
