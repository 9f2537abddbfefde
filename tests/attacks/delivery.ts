/** What an MCP server must have received: one request, the gateway's headers each once with its own value, and no header besides. */
import type { Received } from '../support/backend.ts'
import type { World } from './world.ts'

export interface Delivery {
  server?: 'currenttime' | 'mcpgw'
  method?: string
  /** Path and query as the MCP server sees them. */
  url: string
  caller: Caller
  /** The tool that the gateway names; left out where there is none. */
  tool?: string
  /** The exact body; not looked at when left out. */
  body?: string
  /** Values that differ from what is usual. */
  headers?: Record<string, string>
  /** Names of headers of the client that may arrive besides. */
  passes?: readonly string[]
}

/** The identity headers of a caller. */
export type Caller = Readonly<Record<string, string>>

const machine = (scope: string): Caller => ({
  'x-user': 'agent',
  'x-username': 'agent',
  'x-client-id': 'agent',
  'x-scopes': scope,
  'x-auth-method': 'jwt',
})
export const AGENT = machine('test/now')
export const ADMIN = machine('test/all')
export const ROSA: Caller = {
  'x-user': 'rosa',
  'x-username': 'rosa',
  'x-client-id': 'web',
  'x-scopes': 'test/now',
  'x-groups': 'callers',
  'x-auth-method': 'session_cookie',
}

/** Headers of a message that no case needs to name. */
const OF_MESSAGES = ['content-type', 'content-length']

/** Everything about the received requests that is not as it must be. */
export function deliveryProblems(world: World, expected: Delivery): string[] {
  const { server = 'currenttime' } = expected
  const other = server === 'currenttime' ? 'mcpgw' : 'currenttime'
  const problems = world.gateway[other].received.length > 0 ? [`${other} has received a request`] : []
  const { received } = world.gateway[server]
  const [request] = received
  if (request === undefined || received.length > 1) return [...problems, `${server} has received ${received.length} requests instead of 1`]
  if (request.method !== (expected.method ?? 'POST')) problems.push(`method ${request.method}`)
  if (request.url !== expected.url) problems.push(`url ${request.url} instead of ${expected.url}`)
  if (expected.body !== undefined && request.body !== expected.body) problems.push(`body ${request.body} instead of ${expected.body}`)
  return [...problems, ...headerProblems(request, gatewayHeaders(world, server, expected), expected.passes ?? [])]
}

function gatewayHeaders({ gateway }: World, server: string, { caller, tool, headers }: Delivery): Record<string, string> {
  return {
    ...caller,
    'x-server-name': server,
    ...(tool === undefined ? {} : { 'x-tool-name': tool }),
    host: server,
    'x-real-ip': '127.0.0.1',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-host': 'localhost',
    'x-forwarded-port': String(gateway.port),
    'x-forwarded-proto': 'http',
    ...headers,
  }
}

function headerProblems({ rawHeaders }: Received, expected: Record<string, string>, passes: readonly string[]): string[] {
  const problems: string[] = []
  const seen = new Map<string, string[]>()
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] as string).toLowerCase()
    seen.set(name, [...(seen.get(name) ?? []), rawHeaders[at + 1] as string])
  }
  for (const [name, value] of Object.entries(expected)) {
    const values = seen.get(name) ?? []
    if (values.length !== 1 || values[0] !== value) problems.push(`${name}: ${JSON.stringify(values)} instead of ${value}`)
    seen.delete(name)
  }
  const [requestId = '', ...more] = seen.get('x-request-id') ?? []
  if (!/^[A-Za-z0-9._-]{8,128}$/.test(requestId) || more.length > 0) problems.push('x-request-id is not one id')
  seen.delete('x-request-id')
  for (const [name, values] of seen) {
    if (!OF_MESSAGES.includes(name) && !passes.includes(name)) problems.push(`${name}: ${values.join(' | ')} should not have arrived`)
  }
  return problems
}
