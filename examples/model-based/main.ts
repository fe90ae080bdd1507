/** `npm run example:model-based`: the web app in Chromium along paths that its statechart gives. */
import { run } from './run.js'

const { paths, covered, missed } = await run(console.log)
console.log(`\n${paths.length} paths. Transitions of the node machine that the app took: ${covered.length}`)
for (const name of covered) console.log(`  ✓ ${name}`)
console.log(`Not by a person with a browser: ${missed.length}`)
for (const name of missed) console.log(`    ${name}`)
