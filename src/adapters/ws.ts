/** The package `ws`, loaded after what it reads. */
import './ws-masking.js'

export { WebSocket, WebSocketServer } from 'ws'
