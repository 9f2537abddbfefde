/** Requests by which somebody might get around the gate, sent without any credential: none of them may succeed. */
import { isTrouble, type Question, type World } from './ask.ts'
import { type Finding, failure, ok } from './finding.ts'
import { anonymousCall, isSameAnswer, type Nothing } from './gateway.ts'

/** Answers that are none of an MCP server: refusals, and the way to the sign-in page. */
const isNo = (status: number): boolean => status >= 300 && status < 600

/** Servers whose paths are tried: each is some thirty requests, and all go through the same includes. */
const MOST_TRIED = 10

/** What only NGINX may ask, in every spelling. */
const INTERNAL = [
  '/_gatehouse/validate',
  '/%5fgatehouse/validate',
  '//_gatehouse/validate',
  '/x/../_gatehouse/validate',
  '/_gatehouse/./validate',
  '/_gatehouse/unremembered',
]

/** Ways to write the path of one server so that others read another one. */
const spellings = (server: string, other: string): string[] => [
  `/${other}/../${server}/mcp`,
  `/${other}/%2e%2e/${server}/mcp`,
  `/${other}/..%2f${server}/mcp`,
  `/${other}/..;/${server}/mcp`,
  `/${other}/%5c../${server}/mcp`,
  `//${server}/mcp`,
  `/./${server}/mcp`,
  `/%${server.charCodeAt(0).toString(16)}${server.slice(1)}/mcp`,
  `/${server.toUpperCase()}/mcp`,
  `/${server}//mcp`,
  `/${server}/mcp/../mcp`,
  `/${server}`,
  `/${server}/mcp?access_token=x`,
  `/health/../${server}/mcp`,
  `/.well-known/oauth-protected-resource/../../${server}/mcp`,
  `/oauth2/../${server}/mcp`,
]

export interface Tried {
  gateway: string
  /** Those that are there. */
  servers: readonly string[]
  nothing: Nothing
}

export async function checkPaths({ gateway, servers, nothing }: Tried, world: World): Promise<Finding> {
  const paths = servers.slice(0, MOST_TRIED).flatMap((server) => spellings(server, servers.find((name) => name !== server) ?? 'x'))
  const calls = [...INTERNAL, ...paths].flatMap((path) => [anonymousCall(gateway, path), { origin: gateway, path }])
  const through = await succeeding(calls, nothing, world)
  const asked = await world.ask({ origin: gateway, path: INTERNAL[0] as string })
  if (!isTrouble(asked) && asked.status !== 404) {
    const evidence = `${gateway}/_gatehouse/validate answers ${asked.status}: only NGINX itself may ask there`
    return failure('path-tricks', evidence, 'Put back the shipped gatehouse/server.conf, where that location is internal.')
  }
  if (through.length === 0) return ok('path-tricks', `${calls.length} requests with odd paths are refused`)
  const remedy = 'Put back the shipped files of nginx/gatehouse/, and remove rewrites and locations beside the gate: nginx -T shows them.'
  return failure('path-tricks', `answered without credentials: ${through.join(', ')}`, remedy)
}

/** Headers by which somebody might pretend to be known already. */
const SPOOFED: readonly Readonly<Record<string, string>>[] = [
  { 'x-user': 'admin', 'x-username': 'admin', 'x-scopes': '*', 'x-groups': 'admin', 'x-auth-method': 'jwt', 'x-client-id': 'x' },
  { 'x-mcp-server': 'x', 'x-mcp-allow': '*', 'x-mcp-call': 'e30', 'x-mcp-http-method': 'GET' },
  { 'x-original-url': '/health', 'x-rewrite-url': '/health', 'x-original-uri': '/health', 'x-forwarded-uri': '/health' },
  { 'x-forwarded-for': '127.0.0.1', 'x-real-ip': '127.0.0.1', 'x-forwarded-user': 'admin', 'remote-user': 'admin' },
  { 'x-http-method-override': 'GET', 'x-accel-redirect': '/_gatehouse/validate' },
  { 'user-agent': 'ELB-HealthChecker/2.0' },
  { authorization: 'Bearer x' },
  { authorization: 'Basic YWRtaW46YWRtaW4=' },
  { cookie: 'mcp_gateway_session=x; __Host-mcp_gateway_session=x' },
]

export async function checkHeaders({ gateway, servers, nothing }: Tried, world: World): Promise<Finding> {
  const calls = servers.flatMap((server) => SPOOFED.map((headers) => anonymousCall(gateway, `/${server}/mcp`, headers)))
  const through = await succeeding(calls, nothing, world)
  if (through.length === 0) return ok('spoofed-headers', `${calls.length} requests with made-up identities are refused`)
  const evidence = `answered to a made-up identity: ${through.join(', ')}`
  return failure(
    'spoofed-headers',
    evidence,
    'Put back the shipped files of nginx/gatehouse/: auth_request must ask the validator, and nobody else.',
  )
}

/** Those that were not refused, a few at a time. */
async function succeeding(calls: readonly Question[], nothing: Nothing, { ask }: World): Promise<string[]> {
  const found: string[] = []
  const queue = [...calls]
  const work = async (): Promise<void> => {
    for (let call = queue.shift(); call !== undefined; call = queue.shift()) {
      const answer = await ask(call)
      if (isTrouble(answer) || isNo(answer.status) || isSameAnswer(answer, nothing[call.method === 'POST' ? 'POST' : 'GET'])) continue
      found.push(`${call.method ?? 'GET'} ${call.path} (${answer.status})`)
    }
  }
  await Promise.all(Array.from({ length: 8 }, work))
  return [...new Set(found)].sort()
}
