/** `npm run example:model-based`: the web app in Chromium along paths that its statechart gives. */
import { run } from './run.js'

const { paths, covered } = await run(console.log)
const count = (pick: (each: (typeof covered)[number]) => readonly string[]) =>
  covered.reduce((sum, each) => sum + pick(each).length, 0)
const taken = count((each) => each.taken)

console.log(
  `\n${paths.length} paths. Transitions covered by the app: ${taken}/${taken + count((each) => each.missed)}`,
)
for (const each of covered)
  console.log(`  ${each.machine.padEnd(11)} ${each.taken.length}/${each.taken.length + each.missed.length}`)
console.log('Not on any path of a person with a browser:')
for (const each of covered)
  for (const name of each.missed) console.log(`  ${each.machine.padEnd(11)} ${name}`)
