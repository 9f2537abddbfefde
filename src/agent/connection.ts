/** An MCP server at the gateway, spoken to by the official SDK: Streamable HTTP, or HTTP+SSE where a server has nothing newer. */
import {
  type CallToolResult,
  Client,
  type ClientOptions,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SSEClientTransport,
  StreamableHTTPClientTransport,
  type Tool,
} from '@modelcontextprotocol/client'
import { endpointsOf } from './address.ts'
import { done, type Failure, failed, type Outcome } from './failure.ts'
import type { Identity } from './identity.ts'
import { createWire, type Wire } from './wire.ts'

export type { CallToolResult, Tool }

export interface Connection {
  transport: 'streamable-http' | 'sse'
  listTools(): Promise<Outcome<Tool[]>>
  callTool(name: string, input: Record<string, unknown>): Promise<Outcome<CallToolResult>>
  close(): Promise<void>
}

/** Seconds until an answer, or until the next sign of progress. */
const TIMEOUT = 60
/** Milliseconds for the farewell. */
const FAREWELL = 1000

/**
 * The ways to speak to a server, in their order. `initialize` is what every policy opens; the revision 2026-07-28 has none, and asks
 * `server/discover` instead.
 */
const WAYS = [
  { transport: 'streamable-http', mode: 'legacy' },
  { transport: 'streamable-http', mode: 'auto' },
  { transport: 'sse', mode: 'legacy' },
] as const

type Way = (typeof WAYS)[number]

/**
 * Connects.
 * @param url of either endpoint
 * @throws what the identity throws, and the signal's reason
 */
export async function connect(url: URL, identity: Identity, signal: AbortSignal): Promise<Outcome<Connection>> {
  const failures: Failure[] = []
  for (const way of WAYS) {
    // A server that does not know the address does not know it in another revision.
    if (way.mode === 'auto' && isUnknownAddress(failures[0])) continue
    const outcome = await connectBy(way, url, identity, signal)
    if (outcome.ok) return outcome
    failures.push(outcome.failure)
    if (!mayDoOtherwise(outcome.failure)) break
  }
  return failed(failures.find(({ kind }) => kind === 'refused') ?? (failures[0] as Failure))
}

const isUnknownAddress = (failure: Failure | undefined): boolean => failure?.kind === 'status' && [404, 405].includes(failure.status)

/** Whether a server may answer when it is spoken to in another way. */
function mayDoOtherwise(failure: Failure): boolean {
  if (failure.kind === 'status') return [400, 404, 405, 406, 415, 422, 501].includes(failure.status)
  // The policy may open the newer revision's methods only.
  if (failure.kind === 'refused') return failure.refusal.status === 403 && failure.refusal.reason === 'method_not_allowed'
  return failure.kind === 'server'
}

async function connectBy(way: Way, url: URL, identity: Identity, signal: AbortSignal): Promise<Outcome<Connection>> {
  const endpoints = endpointsOf(url)
  const wire = createWire(url.origin, identity, way.transport === 'sse')
  const options: ClientOptions = { versionNegotiation: { mode: way.mode } }
  const client = new Client({ name: 'gatehouse', version: '1' }, options)
  const transport =
    way.transport === 'sse'
      ? new SSEClientTransport(endpoints.sse, { fetch: wire.fetch })
      : new StreamableHTTPClientTransport(endpoints.streamable, { fetch: wire.fetch, onInsufficientScope: 'throw' })
  let connected: Outcome<void> | null = null
  try {
    connected = await attempt(wire, signal, () => client.connect(transport, { signal, timeout: TIMEOUT * 1000 }))
  } finally {
    // It would try again for ever.
    if (!connected?.ok) await transport.close().catch(() => {})
  }
  if (!connected.ok) return connected
  const asked = { signal, timeout: TIMEOUT * 1000, resetTimeoutOnProgress: true, onprogress: () => {} }
  return done({
    transport: way.transport,
    listTools: () => attempt(wire, signal, async () => (await client.listTools(undefined, { signal, timeout: TIMEOUT * 1000 })).tools),
    callTool: (name, input) => attempt(wire, signal, () => client.callTool({ name, arguments: input }, asked)),
    close: () => farewell(client, transport),
  })
}

async function attempt<T>(wire: Wire, signal: AbortSignal, ask: () => Promise<T>): Promise<Outcome<T>> {
  wire.clear()
  try {
    signal.throwIfAborted()
    return done(await ask())
  } catch (error) {
    signal.throwIfAborted()
    const { trouble } = wire.seen()
    if (trouble !== null) throw trouble
    return failed(failureOf(error, wire))
  }
}

/** What the wire has seen says more than the SDK's error, which differs with transport and revision. */
function failureOf(error: unknown, wire: Wire): Failure {
  const { refusal, status, network } = wire.seen()
  if (refusal !== null) return { kind: 'refused', refusal }
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout) return { kind: 'timeout', seconds: TIMEOUT }
  if (error instanceof ProtocolError) return { kind: 'server', message: error.message }
  if (status !== null) return { kind: 'status', status }
  if (network !== null) return { kind: 'unreachable', code: innermostCode(network) }
  return { kind: 'server', message: error instanceof Error ? error.message : 'unknown error' }
}

function innermostCode(error: unknown, found = 'no answer'): string {
  if (!(error instanceof Error)) return found
  const { code } = error as NodeJS.ErrnoException
  return innermostCode(error.cause, typeof code === 'string' ? code : found === 'no answer' ? error.message : found)
}

/** A session that is ended need not be kept by the server until it is forgotten. */
async function farewell(client: Client, transport: StreamableHTTPClientTransport | SSEClientTransport): Promise<void> {
  if (transport instanceof StreamableHTTPClientTransport && transport.sessionId !== undefined) {
    const late = new Promise((resolve) => setTimeout(resolve, FAREWELL).unref())
    await Promise.race([transport.terminateSession().catch(() => {}), late])
  }
  await client.close().catch(() => {})
}
