import { build } from 'vite'
import { runtimePlugin } from './runtime-plugin.js'

const built = new Map<string, Promise<string>>()

/** A classic worker as one text, with all that it imports. Built once in a process. */
export const buildWorker = (file: string): Promise<string> => {
  const text = built.get(file) ?? bundle(file)
  built.set(file, text)
  return text
}

const bundle = async (file: string): Promise<string> => {
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    plugins: [runtimePlugin()],
    build: {
      target: 'es2022',
      write: false,
      lib: { entry: file, formats: ['iife'], name: 'worker', fileName: () => 'worker.js' },
      rolldownOptions: {
        checks: { pluginTimings: false },
        transform: { define: { 'import.meta': '{}' } },
        output: { minify: true },
      },
    },
  })
  const [output] = Array.isArray(result) ? result : [result]
  const chunk = output && 'output' in output ? output.output[0] : undefined
  if (!chunk) throw new Error(`${file} could not be built.`)
  return chunk.code
}
