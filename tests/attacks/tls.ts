/** The gate over TLS with HTTP/2, and a client that keeps to the rules. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type OutgoingHttpHeaders } from 'node:http2'
import { join } from 'node:path'
import type { Answer } from '../support/raw.ts'

/** Adds the shipped server {} once more, on a port with TLS and with a certificate made for this run. */
export function addTls(conf: string, port: number): void {
  const [key, certificate] = [join(conf, 'tls.key'), join(conf, 'tls.crt')]
  const files = ['-subj', '/CN=localhost', '-days', '1', '-keyout', key, '-out', certificate]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...files], { stdio: 'pipe' })
  const file = join(conf, 'example.conf')
  const text = readFileSync(file, 'utf8')
  const end = text.lastIndexOf('}')
  const listen = `listen 127.0.0.1:${port} ssl http2;\n        ssl_certificate ${certificate};\n        ssl_certificate_key ${key};`
  const server = text.slice(text.indexOf('    server {\n'), end).replace(/listen [^;]*;/, listen)
  writeFileSync(file, `${text.slice(0, end)}\n${server}}\n`)
}

export interface Client {
  /** A stream that is reset gives the status 0. */
  request(fields: OutgoingHttpHeaders, body?: string | Buffer): Promise<Answer[]>
  close(): void
}

/** Requests on one connection, and on the next one when it has ended. */
export function openClient(port: number): Client {
  let session: ClientHttp2Session | undefined
  const connected = (): ClientHttp2Session => {
    if (session === undefined || session.closed || session.destroyed) {
      session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false })
      // Whoever waits for an answer hears of it from the stream.
      session.on('error', () => {})
    }
    return session
  }
  return {
    request: async (fields, body) => [await answerOf(connected().request(fields, { endStream: body === undefined }), body)],
    close: () => session?.close(),
  }
}

function answerOf(stream: ClientHttp2Stream, body?: string | Buffer): Promise<Answer> {
  return new Promise((done) => {
    const answer: Answer = { status: 0, headers: {}, body: '' }
    stream.on('response', (received) => {
      answer.status = Number(received[':status'])
      for (const [name, value] of Object.entries(received)) answer.headers[name] = [value].flat().map(String)
    })
    stream.setEncoding('latin1')
    stream.on('data', (part) => {
      answer.body += part
    })
    stream.on('error', () => {})
    stream.on('close', () => done(answer))
    if (body !== undefined) stream.end(body)
  })
}

/** One request on a connection of its own. */
export async function request(port: number, fields: OutgoingHttpHeaders, body?: string | Buffer): Promise<Answer[]> {
  const client = openClient(port)
  try {
    return await client.request(fields, body)
  } finally {
    client.close()
  }
}
