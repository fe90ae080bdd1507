import { HyphaError } from '../protocol/errors.js'

/** What a page with Trusted Types lists in its `trusted-types` directive. */
const POLICY_NAME = 'hypha-runtime'

interface Policy {
  /** An object in fact, which a page with Trusted Types takes in a string's place, and no other. */
  createScriptURL(url: string): string
}

/** Not every browser has it, and TypeScript does not know it yet. */
const page = globalThis as {
  readonly trustedTypes?: {
    createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy
  }
}

/** A page takes a name once. Nobody else gets hold of it: it lets through whatever it is given. */
let policy: Policy | undefined

/** @throws what the page's Content-Security-Policy has against our policy */
const trusted = (url: string): string => {
  policy ??= page.trustedTypes?.createPolicy(POLICY_NAME, { createScriptURL: (given) => given })
  return policy?.createScriptURL(url) ?? url
}

const construct = (url: string, name: string): Worker => {
  let script: string
  try {
    script = trusted(url)
  } catch (cause) {
    try {
      // Policies can be restricted where scripts are not.
      return new Worker(url, { name })
    } catch {
      throw new HyphaError(
        'OPTION_INVALID',
        `This page has Trusted Types, and they do not let the runtime start its workers. Add ${POLICY_NAME} to the trusted-types directive of its Content-Security-Policy (and 'allow-duplicates' if the page loads the runtime twice).`,
        { cause },
      )
    }
  }
  return new Worker(script, { name })
}

export interface WorkerOptions {
  readonly name: string
  /** Where the page serves it. From a Blob unless given. */
  readonly url: string | URL | undefined
  /** Its text, for the Blob. */
  source(): Promise<{ readonly default: string }>
}

export interface StartedWorker {
  readonly worker: Worker
  end(): void
}

/**
 * Starts a worker of the runtime's own.
 * @throws HyphaError OPTION_INVALID (Trusted Types are in the way); what the browser throws
 */
export const startWorker = async ({ name, url, source }: WorkerOptions): Promise<StartedWorker> => {
  if (url !== undefined) {
    const worker = construct(String(url), name)
    return { worker, end: () => worker.terminate() }
  }
  const { default: text } = await source()
  const blob = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }))
  try {
    const worker = construct(blob, name)
    const end = () => {
      worker.terminate()
      URL.revokeObjectURL(blob)
    }
    return { worker, end }
  } catch (error) {
    URL.revokeObjectURL(blob)
    throw error
  }
}
