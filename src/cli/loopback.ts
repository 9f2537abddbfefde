/** The way back from the browser: a listener on the loopback that hears one answer to one login (RFC 8252 section 7.3). */
import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { CommandError, EXIT } from './exit.ts'
import { type PageName, sendPage } from './loopback_pages.ts'

export interface Callback {
  /** The redirect URI as it was called. */
  url: URL
  /** Tells the browser how it ended. Resolves when that is on its way. */
  answer(how: 'done' | 'failed'): Promise<void>
}

export interface Loopback {
  /** `http://HOST:PORT/callback`. */
  redirectUri: string
  /** The first request that bears the state. */
  called: Promise<Callback>
  /** Ends at once, connections too. */
  close(): Promise<void>
}

export interface LoopbackOptions {
  /** As it stands in the redirect URI. For `localhost` both loopback addresses are listened on, since it may be either. */
  host: 'localhost' | '127.0.0.1'
  /** 0 for any free one. */
  port: number
  /** Only a request that bears it counts. */
  state: string
}

/** Milliseconds that a client has to send a request, or to take an answer. */
const PATIENCE = 5000
/** Bytes: cookies of whatever else runs on this host come along, of any port. */
const MAX_HEADERS = 64 * 1024
const MAX_CONNECTIONS = 64

/**
 * Listens on the loopback.
 * @throws {CommandError} when the port cannot be used
 */
export async function listenLoopback({ host, port, state }: LoopbackOptions): Promise<Loopback> {
  const open = new Set<Socket>()
  const servers: Server[] = []
  const close = async (): Promise<void> => {
    const closed = servers.map((server) => new Promise((done) => server.close(done)))
    for (const socket of open) socket.destroy()
    await Promise.all(closed)
  }
  let redirectUri = ''
  const called = new Promise<Callback>((resolve) => {
    const handle = createHandler(state, () => redirectUri, resolve)
    servers.push(...(host === 'localhost' ? ['127.0.0.1', '::1'] : [host]).map(() => createListener(handle, open)))
  })
  try {
    const [first, second] = servers as [Server, Server?]
    const chosen = await listen(first, '127.0.0.1', port)
    redirectUri = `http://${host}:${chosen}/callback`
    if (second !== undefined) await listenIfThere(second, '::1', chosen)
  } catch (error) {
    await close()
    throw error
  }
  return { redirectUri, called, close }
}

function createListener(handle: (request: IncomingMessage, response: ServerResponse) => void, open: Set<Socket>): Server {
  const limits = { maxHeaderSize: MAX_HEADERS, headersTimeout: PATIENCE, requestTimeout: PATIENCE, connectionsCheckingInterval: 1000 }
  const server = createServer(limits, handle)
  server.maxConnections = MAX_CONNECTIONS
  server.on('connection', (socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  return server
}

/** Resolves with the port. */
function listen(server: Server, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, address, port)))
    server.listen(port, address, () => resolve((server.address() as AddressInfo).port))
  })
}

/** Not every machine has IPv6. */
async function listenIfThere(server: Server, address: string, port: number): Promise<void> {
  try {
    await listen(server, address, port)
  } catch (error) {
    if (!(error instanceof NoSuchAddress)) throw error
  }
}

class NoSuchAddress extends Error {}

function cannotListen({ code }: NodeJS.ErrnoException, address: string, port: number): Error {
  if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return new NoSuchAddress(address)
  const what = code === 'EADDRINUSE' ? `is in use by another program on ${address}` : `cannot be used on ${address} (${code})`
  return new CommandError(
    EXIT.port,
    `Port ${port} ${what}, so the browser could not come back here. End that program, or choose another port by --port.`,
  )
}

function createHandler(state: string, redirectUri: () => string, called: (callback: Callback) => void) {
  let taken = false
  /** The answer at once; null for the one request that is to be answered when its outcome is known. */
  const pageFor = (query: string | null, url: URL): PageName | null => {
    if (query === null) return 'nothing'
    if (!isSame(url.searchParams.getAll('state'), state)) return 'foreign'
    return taken ? 'over' : null
  }
  return (request: IncomingMessage, response: ServerResponse): void => {
    const query = queryOf(request, redirectUri())
    const url = new URL(`${redirectUri()}${query ?? ''}`)
    const page = pageFor(query, url)
    if (page !== null) {
      sendPage(response, page)
      return
    }
    taken = true
    called({ url, answer: (how) => sendPage(response, how) })
  }
}

/** The query of a request for the redirect URI, with its question mark; null for any other request, also one that a foreign name led here. */
function queryOf({ method, url = '', headers }: IncomingMessage, redirectUri: string): string | null {
  const { port } = new URL(redirectUri)
  const hosts = ['localhost', '127.0.0.1', '[::1]'].map((name) => `${name}:${port}`)
  if (method !== 'GET' || !hosts.includes(headers.host?.toLowerCase() ?? '')) return null
  return /^\/callback(?:$|\?)/.test(url) ? url.slice('/callback'.length) : null
}

function isSame(given: readonly string[], expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return given.length === 1 && timingSafeEqual(digest(given[0] as string), digest(expected))
}
