/** Getting a client's document from a host that anybody may have named: over https alone, from public addresses, little and soon. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { isIPv4, type LookupFunction } from 'node:net'
import type { Problem } from './client_document_content.ts'
import { isPublicAddress } from './public_address.ts'
import { createResolve, type Resolve } from './public_host.ts'

/** What a document is got through. Tests have a smaller Internet. */
export interface Network {
  resolve: Resolve
  isPublic(address: string): boolean
  port: number
  /** Certificates to trust, in PEM, in place of the system's. */
  ca?: string
  /** Milliseconds for everything: the name, the connection, the whole answer. */
  timeout: number
}

export const INTERNET: Network = { resolve: createResolve(), isPublic: isPublicAddress, port: 443, timeout: 3000 }

export type Fetched = { ok: true; body: Uint8Array; headers: IncomingHttpHeaders } | Problem

/** Bytes, as the draft recommends (section 8.7). */
const MAX_BYTES = 5 * 1024
const MAX_HEADER_BYTES = 8 * 1024
/** Addresses of each family that are tried, one after the other. */
const TRIED = 2

/** An agent of our own: no proxy of the environment, no connection and no TLS session that is used again. */
const agent = new Agent({ keepAlive: false, maxCachedSessions: 0, autoSelectFamily: true, autoSelectFamilyAttemptTimeout: 1000 })

const problem = (reason: Problem['reason'], detail: string): Problem => ({ ok: false, reason, detail })

/**
 * The document at a URL, unread. Redirects are not followed. Never rejects.
 * @param url one that `isDocumentUrl` is true of
 * @param mayReach whether there may be a connection to one of these addresses now
 */
export async function fetchDocument(url: string, network: Network, mayReach: (addresses: readonly string[]) => boolean): Promise<Fetched> {
  const end = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Problem>((done) => {
    timer = setTimeout(() => done(problem('unreachable', `there was no whole answer within ${network.timeout} ms`)), network.timeout)
  })
  try {
    return await Promise.race([fetchUntil(url, network, mayReach, end.signal), late])
  } catch (error) {
    return troubleOf(error)
  } finally {
    clearTimeout(timer)
    // Ends the connection too, wherever it stands.
    end.abort()
  }
}

async function fetchUntil(
  url: string,
  network: Network,
  mayReach: (of: readonly string[]) => boolean,
  signal: AbortSignal,
): Promise<Fetched> {
  const found = await addressesOf(new URL(url).hostname, network, signal)
  if (!Array.isArray(found)) return found
  if (!mayReach(found)) return problem('busy', 'its network was asked too often in the last minute')
  const response = await ask(new URL(url), found, network, signal)
  return wrongAnswer(response) ?? (await readBody(response))
}

/** The addresses to connect to. All of the name's must be public, not only these: a mixed answer is an attempt, or a mistake. */
async function addressesOf(host: string, network: Network, signal: AbortSignal): Promise<string[] | Problem> {
  let addresses: readonly string[]
  try {
    addresses = await network.resolve(host, signal)
  } catch (error) {
    return problem('unreachable', `its host name is not resolved (${codeOf(error)})`)
  }
  if (addresses.length === 0) return problem('unreachable', 'its host name has no address')
  if (!addresses.every((address) => network.isPublic(address)))
    return problem('address_not_public', 'its host name leads to an address that is not public')
  const ofFamily = (four: boolean): string[] => addresses.filter((address) => isIPv4(address) === four).slice(0, TRIED)
  return [...ofFamily(true), ...ofFamily(false)]
}

/** Connects to the addresses that were checked; no second answer of a name server can put others in their place. */
function ask(url: URL, addresses: readonly string[], network: Network, signal: AbortSignal): Promise<IncomingMessage> {
  const checked = addresses.map((address) => ({ address, family: isIPv4(address) ? 4 : 6 }))
  const lookup: LookupFunction = (_host, { all }, done) => {
    const [first = { address: '', family: 4 }] = checked
    if (all) done(null, checked)
    else done(null, first.address, first.family)
  }
  return new Promise((resolve, reject) => {
    const sent = request({
      agent,
      lookup,
      signal,
      host: url.hostname,
      servername: url.hostname,
      port: network.port,
      path: `${url.pathname}${url.search}`,
      headers: { host: url.host, accept: 'application/json', 'accept-encoding': 'identity', 'user-agent': 'gatehouse' },
      maxHeaderSize: MAX_HEADER_BYTES,
      // Whatever the environment says (NODE_TLS_REJECT_UNAUTHORIZED).
      rejectUnauthorized: true,
      ...(network.ca === undefined ? {} : { ca: network.ca }),
    })
    sent.on('error', reject)
    sent.on('response', resolve)
    // Also after a switch of protocols, which is neither answer nor error.
    sent.on('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })))
    sent.end()
  })
}

/** What the head of an answer says against it, or null. */
function wrongAnswer({ statusCode = 0, headers }: IncomingMessage): Problem | null {
  if (statusCode >= 300 && statusCode < 400)
    return problem('unreachable', `it was answered with status ${statusCode}; redirects are not followed`)
  // Filters against robots do that to some networks of clouds, whatever the user agent.
  if (statusCode === 403) return problem('unreachable', 'it was answered with status 403; its host may keep out machines of this network')
  if (statusCode !== 200) return problem('unreachable', `it was answered with status ${statusCode}`)
  if (!/^application\/(?:[a-z0-9!#$&^_.-]+\+)?json(?:[ \t]*;|[ \t]*$)/i.test(headers['content-type'] ?? ''))
    return problem('not_json', 'its content type is not application/json')
  if (!/^(?:identity)?$/i.test(headers['content-encoding'] ?? ''))
    return problem('not_json', 'it comes compressed, which was not asked for')
  return Number(headers['content-length'] ?? 0) > MAX_BYTES ? TOO_LARGE : null
}

const TOO_LARGE = problem('too_large', `it is larger than ${MAX_BYTES} bytes`)

async function readBody(response: IncomingMessage): Promise<Fetched> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_BYTES) return TOO_LARGE
    chunks.push(chunk)
  }
  return { ok: true, body: Buffer.concat(chunks), headers: response.headers }
}

function troubleOf(error: unknown): Problem {
  const code = codeOf(error)
  return code === 'HPE_HEADER_OVERFLOW'
    ? problem('too_large', 'the head of its answer is too large')
    : problem('unreachable', `there is no answer (${code})`)
}

/** The code of an error: a word of Node's or OpenSSL's, nothing that the other side has written. */
function codeOf(error: unknown): string {
  const [first] = error instanceof AggregateError ? error.errors : []
  const { code } = Object(first ?? error) as { code?: unknown }
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]*$/.test(code) ? code : 'no reason known'
}
