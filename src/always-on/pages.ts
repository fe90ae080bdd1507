import type { IncomingMessage, ServerResponse } from 'node:http'
import { answer } from './answer.js'
import { answerOff, type InspectorRoom, isInspectorPath } from './inspector.js'
import { NOT_FOUND_PAGE, STATUS_STYLE, type Status, statusPage } from './status-page.js'
import type { WebApp } from './web-app.js'

const HTML = 'text/html; charset=utf-8'

/** Answers HTTP: the web app, `/status` for people, `/health` for machines, `/inspect` if there is an inspector. None tells which hyphas are here. */
export const createPages =
  (status: () => Status, webApp: WebApp, inspector?: InspectorRoom) =>
  async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      answer(request, response, {
        status: 405,
        type: 'text/plain; charset=utf-8',
        body: 'Only GET and HEAD are answered here.\n',
        headers: { Allow: 'GET, HEAD', Connection: 'close' },
      })
      return
    }
    const path = request.url?.split('?', 1)[0] ?? '/'
    switch (path) {
      case '/health': {
        const { hyphas, connections, uptime } = status()
        const body = `${JSON.stringify({ ok: true, hyphas, connections, uptime })}\n`
        return answer(request, response, { status: 200, type: 'application/json', body })
      }
      case '/status.css':
        return answer(request, response, {
          status: 200,
          type: 'text/css; charset=utf-8',
          body: STATUS_STYLE,
          headers: { 'Cache-Control': 'no-cache' },
        })
      case '/status': {
        const body = statusPage(status(), { isBuilt: await webApp.isBuilt() })
        return answer(request, response, { status: 200, type: HTML, body })
      }
    }
    if (inspector && isInspectorPath(path)) return inspector.serve(path, request, response)
    if (await webApp.serve(path, request, response)) return
    if (path === '/')
      answer(request, response, { status: 200, type: HTML, body: statusPage(status(), { isBuilt: false }) })
    else if (isInspectorPath(path)) answerOff(request, response)
    else answer(request, response, { status: 404, type: HTML, body: NOT_FOUND_PAGE })
  }
