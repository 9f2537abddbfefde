/** A host of client documents on this machine, and a small Internet in which its names lead there. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { IncomingHttpHeaders, RequestListener, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Network } from '../../src/oauth/client_document_fetch.ts'

export interface Seen {
  url: string
  method: string
  headers: IncomingHttpHeaders
  /** The server name of the TLS handshake. */
  servername: string
}

export interface DocumentHost {
  /** What it answers from now on. */
  answer: RequestListener
  /** Each request, in order. */
  seen: Seen[]
  /** Connections that are open. */
  connections(): number
  /** Each name that was asked for, in order. */
  lookups: string[]
  network: Network
  close(): Promise<void>
}

/** A key and a certificate for client.example and the names below it, good for this run. */
export function makeCertificate(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-documents-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const names = ['-subj', '/CN=client.example', '-addext', 'subjectAltName=DNS:client.example,DNS:*.client.example']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  execFileSync('openssl', ['req', '-x509', ...curve, '-days', '1', '-keyout', key, '-out', cert, ...names], { stdio: 'pipe' })
  const made = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  rmSync(folder, { recursive: true })
  return made
}

/** Listens on 127.0.0.1, which counts as public in its Internet, and as the only address. */
export async function startDocumentHost(certificate = makeCertificate(), address = '127.0.0.1', port = 0): Promise<DocumentHost> {
  const seen: Seen[] = []
  const lookups: string[] = []
  const server = createServer({ key: certificate.key, cert: certificate.cert }, (request, response) => {
    const { url = '', method = '', headers } = request
    seen.push({ url, method, headers, servername: (request.socket as { servername?: string }).servername ?? '' })
    host.answer(request, response)
  })
  let open = 0
  server.on('connection', (socket) => {
    open += 1
    socket.on('close', () => {
      open -= 1
    })
  })
  server.on('tlsClientError', () => {})
  await new Promise<void>((done) => server.listen(port, address, done))
  const host: DocumentHost = {
    answer: (_request, response) => response.end(),
    seen,
    connections: () => open,
    lookups,
    network: {
      resolve: async (name) => {
        lookups.push(name)
        return ['127.0.0.1']
      },
      isPublic: (asked) => asked === '127.0.0.1',
      port: (server.address() as AddressInfo).port,
      ca: certificate.cert,
      timeout: 3000,
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
  return host
}

export const sendJson = (response: ServerResponse, value: unknown, headers: Record<string, string> = {}): void => {
  response.writeHead(200, { 'content-type': 'application/json', ...headers })
  response.end(typeof value === 'string' || value instanceof Uint8Array ? value : JSON.stringify(value))
}

/** Answers every path with the document whose id is that URL. */
export const documentsOf =
  (host: string, more: Record<string, unknown> = {}, headers: Record<string, string> = {}): RequestListener =>
  (request, response) =>
    sendJson(response, { client_id: `https://${host}${request.url}`, redirect_uris: ['http://127.0.0.1/callback'], ...more }, headers)
