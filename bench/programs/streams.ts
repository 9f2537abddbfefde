/**
 * Open event streams, from either end.
 *
 *   node --import tsx bench/programs/streams.ts serve PORT                          an MCP server whose every GET is a stream
 *   node --import tsx bench/programs/streams.ts hold PORT PATH COUNT                opens so many with the header in AUTHORIZATION, and says
 *                                                                                  "open COUNT" once each has begun, or what failed
 */
import { createServer } from 'node:http'
import { createConnection } from 'node:net'

const [role, port, path, count] = process.argv.slice(2)

if (role === 'serve') serve(Number(port))
else await hold(Number(port), path ?? '', Number(count))

function serve(at: number): void {
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.write(': open\n\n')
  })
  server.listen({ port: at, host: '127.0.0.1', backlog: 4096 })
}

/** Some hundred at a time: a queue of connections that overflows would only measure the system's patience. */
async function hold(at: number, where: string, wanted: number): Promise<void> {
  for (let open = 0; open < wanted; ) {
    const batch = Math.min(200, wanted - open)
    await Promise.all(Array.from({ length: batch }, () => one(at, where)))
    open += batch
  }
  process.stdout.write(`open ${wanted}\n`)
}

function one(at: number, where: string): Promise<void> {
  const lines = [`GET ${where} HTTP/1.1`, 'Host: localhost', `Authorization: ${process.env.AUTHORIZATION}`, 'Accept: text/event-stream']
  return new Promise((begun) => {
    const fail = (why: string): never => {
      process.stdout.write(`failed: ${why}\n`)
      process.exit(1)
    }
    const socket = createConnection(at, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`))
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
      if (text.includes(': open')) begun()
      else if (/^HTTP\/1\.1 (?!200)/.test(text)) fail(text.slice(0, 60))
    })
    socket.on('error', (error) => fail(error.message))
    socket.on('close', () => fail('closed'))
  })
}
