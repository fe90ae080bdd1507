/** A bare data channel between two pages, as a script for both: `raw`. Who gets the bytes measures. */
export const RAW_CHANNEL = `globalThis.raw = (() => {
  const MESSAGE = new Uint8Array(64 * 1024)
  let connection, channel, isOpen, received
  const described = async () => {
    await connection.setLocalDescription()
    await new Promise((resolve) => {
      const look = () => connection.iceGatheringState === 'complete' && resolve()
      connection.addEventListener('icegatheringstatechange', look)
      look()
    })
    return connection.localDescription.sdp
  }
  return {
    offer: () => {
      connection = new RTCPeerConnection()
      channel = connection.createDataChannel('raw')
      isOpen = new Promise((resolve) => channel.addEventListener('open', resolve))
      return described()
    },
    answer: async ({ sdp, bytes }) => {
      connection = new RTCPeerConnection()
      received = new Promise((resolve) => {
        connection.addEventListener('datachannel', (event) => {
          const incoming = event.channel
          incoming.binaryType = 'arraybuffer'
          const start = performance.now()
          let count = 0
          incoming.addEventListener('message', ({ data }) => {
            count += data.byteLength
            if (count >= bytes) resolve(performance.now() - start)
          })
        })
      })
      await connection.setRemoteDescription({ type: 'offer', sdp })
      return described()
    },
    accept: (sdp) => connection.setRemoteDescription({ type: 'answer', sdp }),
    send: async ({ bytes, buffered }) => {
      channel.bufferedAmountLowThreshold = buffered / 4
      await isOpen
      for (let sent = 0; sent < bytes; sent += MESSAGE.length) {
        if (channel.bufferedAmount > buffered)
          await new Promise((resolve) => channel.addEventListener('bufferedamountlow', resolve, { once: true }))
        channel.send(MESSAGE)
      }
    },
    received: () => received,
    close: () => connection.close(),
  }
})()`
