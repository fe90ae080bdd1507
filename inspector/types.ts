import type { Inspection, InspectorSession } from '../src/ui-bridge/inspector/index.js'

export interface InspectorOptions {
  /** Nodes of this very page, as `inspect(node)` gives them. Unmounting does not detach them: whoever made them does. */
  readonly inspections?: readonly Inspection[]
  /** A recorded session to open at once: parsed JSON, its text, or what `createSession` gave. It is checked. */
  readonly session?: InspectorSession | unknown
  /** A hub that recordings come from: where its WebSocket is, and the token that lets viewers in. */
  readonly connect?: { readonly url: string; readonly token: string }
}

/**
 * Shows the inspector inside of `element`, which has to have a height, in a shadow root of its own: its styles and the page's
 * leave each other alone. Works under a Content-Security-Policy without inline styles.
 * @returns removes it again, and closes its connection
 */
export type MountInspector = (element: HTMLElement, options?: InspectorOptions) => () => void
