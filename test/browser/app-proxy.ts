import { createServer, request } from 'node:http'
import { type AddressInfo, connect } from 'node:net'

export interface Proxy {
  readonly url: string
  close(): void
}

/** As a TLS proxy in front of an always-on node: its visitors are not of this machine, so a claim takes the printed code. */
export const startProxy = async (target: string): Promise<Proxy> => {
  const { port } = new URL(target)
  const proxy = createServer((asked, answer) => {
    const onward = request({ port, path: asked.url, headers: asked.headers }, (response) => {
      answer.writeHead(response.statusCode ?? 500, response.headers)
      response.pipe(answer)
    })
    asked.pipe(onward)
  })
  proxy.on('upgrade', (asked, socket) => {
    const onward = connect(Number(port), '127.0.0.1', () => {
      const headers = { ...asked.headers, 'x-forwarded-for': '192.0.2.7', 'x-forwarded-proto': 'https' }
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
      onward.write(`GET ${asked.url} HTTP/1.1\r\n${lines.join('')}\r\n`)
      socket.pipe(onward).pipe(socket)
    })
    const end = () => {
      socket.destroy()
      onward.destroy()
    }
    for (const one of [socket, onward]) one.on('error', end).on('close', end)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  return { url: `http://localhost:${(proxy.address() as AddressInfo).port}`, close: () => void proxy.close() }
}
