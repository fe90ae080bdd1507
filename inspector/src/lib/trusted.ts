/** What a page with Trusted Types lists in its `trusted-types` directive. */
const POLICY_NAME = 'hypha-inspector'

interface Policy {
  /** An object in fact, which a page with Trusted Types takes in a string's place, and no other. */
  createHTML(markup: string): string
}

/** Not every browser has it, and TypeScript does not know it yet. */
const page = globalThis as {
  readonly trustedTypes?: {
    createPolicy(name: string, rules: { createHTML(markup: string): string }): Policy
  }
}

let policy: Policy | undefined

/** Markup of the build's own, as the parser of a page with Trusted Types takes it. */
export const trusted = (markup: string): string => {
  policy ??= page.trustedTypes?.createPolicy(POLICY_NAME, { createHTML: (given) => given })
  return policy?.createHTML(markup) ?? markup
}
