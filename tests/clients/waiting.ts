/** What programs on the user's own computer do (RFC 8252 section 7.3): wait for the answer on a port of the loopback. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Waiting {
  redirectUri: string
  /** The parameters of the next answer. */
  answer(): Promise<URLSearchParams>
  close(): Promise<void>
}

/** @param host as the client names the loopback to itself */
export async function startWaiting(host: 'localhost' | '127.0.0.1' = '127.0.0.1'): Promise<Waiting> {
  const answers: URLSearchParams[] = []
  const takers: Array<(answer: URLSearchParams) => void> = []
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
    if (pathname !== '/callback') return void response.writeHead(204).end()
    response.writeHead(200, { 'content-type': 'text/plain' }).end('You can close this page.')
    const taker = takers.shift()
    if (taker === undefined) answers.push(searchParams)
    else taker(searchParams)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    redirectUri: `http://${host}:${(server.address() as AddressInfo).port}/callback`,
    answer: () => {
      const ready = answers.shift()
      return ready === undefined ? new Promise((done) => takers.push(done)) : Promise.resolve(ready)
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}
