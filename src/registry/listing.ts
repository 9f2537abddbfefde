/** Asking one MCP server which tools it has. It may be down, slow or hostile, and the answer says which, never throws. */
import { Client, SSEClientTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { z } from 'zod'
import type { ServerEntry } from './servers.ts'
import { readTool, type Tool } from './tool.ts'

export type ListProblem = 'unreachable' | 'timeout' | 'http_error' | 'too_large' | 'invalid'

/** `dropped` counts what is no usable tool; `cut` says that there were more than are kept. */
export type Listing = { tools: Tool[]; dropped: number; cut: boolean } | { problem: ListProblem }

export interface Limits {
  /** For the whole exchange. */
  milliseconds: number
  /** Over all answers, unpacked. */
  bytes: number
  pages: number
  tools: number
}

export const LIMITS: Limits = { milliseconds: 10_000, bytes: 8 * 1024 * 1024, pages: 100, tools: 2000 }

/** Tools are looked at one by one, so that one that is wrong does not cost the others. */
const PAGE = z.object({ tools: z.array(z.unknown()), nextCursor: z.string().optional() })

/** What is seen on the way, which tells more reliably than an error's words what went wrong. */
interface Watched {
  problem: ListProblem | null
  bytesLeft: number
}

/** @param entry asked over the first of its transports */
export async function listTools(entry: ServerEntry, limits: Limits = LIMITS): Promise<Listing> {
  const watched: Watched = { problem: null, bytesLeft: limits.bytes }
  const stop = new AbortController()
  const timer = setTimeout(() => {
    watched.problem = 'timeout'
    stop.abort()
  }, limits.milliseconds)
  const aborted = new Promise<never>((_, reject) =>
    stop.signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true }),
  )
  const client = new Client({ name: 'gatehouse-registry', version: '1' }, { versionNegotiation: { mode: 'auto' } })
  const transport = transportFor(entry, boundedFetch(watched, stop, entry.transports[0] === 'sse'))
  try {
    return await Promise.race([exchange(client, transport, limits, stop.signal), aborted])
  } catch {
    return { problem: watched.problem ?? 'invalid' }
  } finally {
    clearTimeout(timer)
    await leave(transport)
    stop.abort()
    client.close().catch(() => {})
  }
}

type ClientTransport = SSEClientTransport | StreamableHTTPClientTransport

function transportFor({ url, transports }: ServerEntry, fetch: typeof globalThis.fetch): ClientTransport {
  const options = { fetch, requestInit: { redirect: 'error' as const } }
  return transports[0] === 'sse' ? new SSEClientTransport(new URL(url), options) : new StreamableHTTPClientTransport(new URL(url), options)
}

/** A session that is not ended would stay open on the server until it is given up there. */
async function leave(transport: ClientTransport): Promise<void> {
  if (!(transport instanceof StreamableHTTPClientTransport) || transport.sessionId === undefined) return
  const patience = new Promise((resolve) => setTimeout(resolve, 500).unref())
  await Promise.race([transport.terminateSession().catch(() => {}), patience])
}

async function exchange(client: Client, transport: ClientTransport, limits: Limits, signal: AbortSignal): Promise<Listing> {
  const options = { signal, timeout: limits.milliseconds }
  await client.connect(transport, options)
  const found = new Map<string, Tool>()
  const listing = (dropped: number, cut: boolean): Listing => ({ tools: [...found.values()], dropped, cut })
  if (client.getServerCapabilities()?.tools === undefined) return listing(0, false)
  let dropped = 0
  let cursor: string | undefined
  for (let page = 0; page < limits.pages; page += 1) {
    const params = cursor === undefined ? {} : { cursor }
    const { tools, nextCursor } = await client.request({ method: 'tools/list', params }, PAGE, options)
    for (const offered of tools) {
      if (found.size === limits.tools) return listing(dropped, true)
      const tool = readTool(offered)
      if (tool === null || found.has(tool.name)) dropped += 1
      else found.set(tool.name, tool)
    }
    if (nextCursor === undefined) return listing(dropped, false)
    cursor = nextCursor
  }
  return listing(dropped, true)
}

/** Stops the exchange when it has lasted too long or more came than may; writes down what went wrong. */
function boundedFetch(watched: Watched, stop: AbortController, needsStream: boolean): typeof fetch {
  const count = (chunk: Uint8Array, controller: TransformStreamDefaultController<Uint8Array>): void => {
    watched.bytesLeft -= chunk.byteLength
    if (watched.bytesLeft < 0) {
      watched.problem = 'too_large'
      stop.abort()
    } else controller.enqueue(chunk)
  }
  return async (input, init) => {
    const signal = init?.signal ? AbortSignal.any([init.signal, stop.signal]) : stop.signal
    const response = await fetch(input, { ...init, signal }).catch((error: unknown) => {
      if (!signal.aborted) watched.problem ??= 'unreachable'
      throw error
    })
    // A later answer that is well makes up for one that was not: older servers refuse the question for the revision.
    const wellEnough = response.ok || (response.status === 405 && init?.method === 'GET' && !needsStream)
    if (watched.problem === null || watched.problem === 'http_error') watched.problem = wellEnough ? null : 'http_error'
    if (response.body === null) return response
    const { status, statusText, headers } = response
    return new Response(response.body.pipeThrough(new TransformStream({ transform: count }), { signal }), { status, statusText, headers })
  }
}
