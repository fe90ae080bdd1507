/** What a device's network and a page's visibility do. */
export type NetworkEvent =
  /** There is a network, or another one than before. */
  | { type: 'network.online' }
  | { type: 'network.offline' }
  | { type: 'page.hidden' }
  | { type: 'page.visible' }

export interface Surroundings {
  readonly isOnline: boolean
  /** Whether nobody sees the page; false where there is none. */
  readonly isHidden: boolean
}

/** What is so after an event. */
export const surroundingsAfter = (event: { readonly type: string }): Partial<Surroundings> => {
  switch (event.type) {
    case 'network.online':
      return { isOnline: true }
    case 'network.offline':
      return { isOnline: false }
    case 'page.hidden':
      return { isHidden: true }
    case 'page.visible':
      return { isHidden: false }
    default:
      return {}
  }
}

export const isNetworkEvent = (event: { readonly type: string }): event is NetworkEvent =>
  Object.keys(surroundingsAfter(event)).length > 0
