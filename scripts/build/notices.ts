import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'

/** A package's folder, of any file in it. */
const FOLDER = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//
const LICENSE_FILE = /^(licen[cs]e|copying|notice)(\..*)?$/i

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
}

const describe = (folder: string): string => {
  const { name, version, license }: Manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const texts = readdirSync(folder)
    .filter((file) => LICENSE_FILE.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8').trim())
  if (!license && texts.length === 0)
    throw new Error(`${name} is bundled, and says nowhere under which licence.`)
  return [`${name} ${version} (${license ?? 'see below'})`, ...texts].join('\n\n')
}

/** The folders of the packages that this process has put into bundles. */
const bundled = new Set<string>()

/** Remembers which packages a build puts in: what is bundled travels with its licence. */
export const noticesPlugin = (): Plugin => ({
  name: 'hypha-runtime:notices',
  apply: 'build',
  generateBundle(_, bundle) {
    for (const output of Object.values(bundle)) {
      if (output.type !== 'chunk') continue
      for (const id of Object.keys(output.modules)) {
        const [, folder] = FOLDER.exec(id.replace('\0', '').replaceAll('\\', '/')) ?? []
        if (folder) bundled.add(folder)
      }
    }
  },
})

/** The licences of all that was bundled by now. */
export const noticesText = (): string => {
  const notices = [...bundled].map(describe).sort()
  return `hypha-runtime has these packages in it, each under its own licence.\n\n${notices
    .map((notice) => `${'-'.repeat(80)}\n${notice}\n`)
    .join('\n')}`
}
