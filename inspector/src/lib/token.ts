import { tokenInFragment } from '../../../src/ui-bridge/inspector/wire.js'

const KEPT = 'hypha.inspector.token'

/** Storage is refused in some windows: then the token lasts as long as the page. */
const quietly = <Result>(attempt: () => Result): Result | undefined => {
  try {
    return attempt()
  } catch {
    return undefined
  }
}

/** The token that the page was opened with; from here on it is nowhere in the address bar, and this tab keeps it through a reload. */
export const takeToken = (): string | undefined => {
  const given = tokenInFragment(location.hash)
  if (given !== undefined) {
    history.replaceState(null, '', location.pathname + location.search)
    quietly(() => sessionStorage.setItem(KEPT, given))
  }
  return given ?? quietly(() => sessionStorage.getItem(KEPT)) ?? undefined
}
