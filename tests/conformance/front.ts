/** A place in front of a server, for clients that can be told a URL and nothing else. */
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Target {
  port: number
  /** What paths begin with there. */
  prefix: string
  /** More headers for each request, name after value after name. */
  headers: readonly string[]
}

export interface Front {
  url: string
  /** Where requests go. Set it before the first one. */
  target: Target
  close(): Promise<void>
}

/** Passes requests and answers on as they come: every header but those of the target, streams without delay. */
export async function startFront(): Promise<Front> {
  const server = createServer((incoming, outgoing) => {
    const { port, prefix, headers } = self.target
    const options = { host: '127.0.0.1', port, method: incoming.method, path: prefix + incoming.url }
    const onward = request({ ...options, headers: [...incoming.rawHeaders, ...headers] }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      outgoing.flushHeaders()
      answer.on('error', () => outgoing.destroy()).pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    outgoing.on('close', () => onward.destroy())
    incoming.pipe(onward)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const self: Front = {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    target: { port: 0, prefix: '', headers: [] },
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
  return self
}
