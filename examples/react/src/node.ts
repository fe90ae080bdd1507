import { browserStorage, createNode, webRTC, webSocket } from 'hypha-runtime'
import argon2Worker from 'hypha-runtime/argon2-worker?url'
import storageWorker from 'hypha-runtime/storage-worker?url'

/** The always-on node that served this page. */
const server = location.origin

/** Made once, outside of all components. With a storage it comes back as what it was when the page is opened again. */
export const node = createNode({
  storage: browserStorage('our-list', { worker: storageWorker }),
  transports: [webSocket(server), webRTC({ signalling: server })],
  argon2Worker,
})
