import type * as Runtime from '../../src/index.js'

declare global {
  /** What test/fixtures/page/main.js leaves in its page. */
  var runtime: typeof Runtime
  var node: Runtime.HyphaNode
  /** Where the app serves the runtime's workers. */
  var workers: { readonly argon2Worker: string }
}
