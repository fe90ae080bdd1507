import type * as Runtime from '../../src/index.js'
import type * as Inspector from '../../src/ui-bridge/inspector/index.js'

declare global {
  /** What test/fixtures/page/main.js leaves in its page. */
  var runtime: typeof Runtime
  var node: Runtime.HyphaNode
  var loadInspector: () => Promise<typeof Inspector>
  /** Where the app serves the runtime's workers. */
  var workers: { readonly argon2Worker: string }
}
