/** Whether the gateway answers from outside as it should, to somebody without any credential. */
import { randomUUID } from 'node:crypto'
import { type Answer, explainTrouble, isTrouble, objectOf, type Question, type Trouble, type World } from './ask.ts'
import { type Check, type Finding, failure, ok, skipped, warning } from './finding.ts'

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']
export const isLoopback = (origin: string): boolean => LOOPBACK.includes(new URL(origin).hostname)
/** Whether credentials may be sent there. */
export const isSafe = (origin: string): boolean => origin.startsWith('https:') || isLoopback(origin)

/** Where the validator says what it lacks. */
export const READY =
  'Where it runs, curl http://127.0.0.1:8888/ready says what it lacks; VALIDATOR_LISTEN may name another address than 127.0.0.1:8888.'

export function noAnswer(check: Check, { trouble }: Trouble, gateway: string): Finding {
  const { evidence, remedy } = explainTrouble(trouble, gateway)
  return failure(check, evidence, remedy)
}

/** What only a validator gives that is away, or NGINX in its place. */
export const isAway = ({ status }: Answer): boolean => status >= 500
export const noValidator = (check: Check, at: string, { status }: Answer): Finding =>
  failure(check, `${at} answers ${status}`, `The validator is away, or has no keys of the pool. ${READY}`)

export interface GatewayFacts {
  findings: Finding[]
  isThere: boolean
  answer: Answer | null
}

export async function examineGateway(gateway: string, { ask }: World): Promise<GatewayFacts> {
  const answer = await ask({ origin: gateway, path: '/health' })
  if (isTrouble(answer)) {
    const { evidence, remedy } = explainTrouble(answer.trouble, gateway)
    return { findings: [failure('gateway', evidence, `${remedy} REGISTRY_URL must be what clients type.`)], isThere: false, answer: null }
  }
  const findings = [health(gateway, answer)]
  if (!isSafe(gateway)) {
    const remedy = 'Terminate TLS at NGINX or before it, and write https:// into REGISTRY_URL.'
    findings.push(warning('gateway', `${gateway} is not https: tokens and sessions travel in clear`, remedy))
  }
  return { findings, isThere: true, answer }
}

function health(gateway: string, answer: Answer): Finding {
  const { status } = answer
  if (status === 200) return ok('gateway', `${gateway}/health answers 200`)
  if (status === 404) return skipped('gateway', `${gateway}/health answers 404: this NGINX has no such location, see nginx/example.conf`)
  if ([502, 503, 504].includes(status)) return noValidator('gateway', `${gateway}/health`, answer)
  return failure('gateway', `${gateway}/health answers ${status}`, 'Check that REGISTRY_URL leads to the NGINX with the gate.')
}

/** A call that anybody might send, as the transport wants it. */
export const anonymousCall = (gateway: string, path: string, headers: Readonly<Record<string, string>> = {}): Question => ({
  origin: gateway,
  path,
  method: 'POST',
  headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
  body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
})

const GATE_IT = 'Its location must hold: set $gatehouse_server NAME; set $gatehouse_upstream URL; include gatehouse/location.conf;'

/** What a path answers at which there is nothing; another site may stand there, and answer everything. */
export type Nothing = Readonly<Record<'GET' | 'POST', Answer | null>>

export async function askForNothing(gateway: string, { ask }: World): Promise<Nothing> {
  const path = `/gatehouse-doctor-${randomUUID()}/mcp`
  const [get, post] = await Promise.all([ask({ origin: gateway, path }), ask(anonymousCall(gateway, path))])
  return { GET: isTrouble(get) ? null : get, POST: isTrouble(post) ? null : post }
}

export const isSameAnswer = (answer: Answer, other: Answer | null): boolean => other?.status === answer.status && other.body === answer.body

export interface ServerQuestion {
  gateway: string
  server: string
  /** Of whom its metadata must name one, to get a token from; empty when that is not known. */
  authorities: readonly string[]
  nothing: Nothing
}

/** Whether a server refuses a stranger, and tells where to get a token. */
export async function checkServer({ gateway, server, authorities, nothing }: ServerQuestion, world: World): Promise<Finding> {
  const path = `/${server}/mcp`
  const url = gateway + path
  const answer = await world.ask(anonymousCall(gateway, path))
  if (isTrouble(answer)) return noAnswer('server', answer, gateway)
  const { status, headers } = answer
  if (status === 404 || isSameAnswer(answer, nothing.POST)) {
    return skipped('server', `${url} answers ${status}, as every path does at which there is nothing: NGINX has no location for ${server}`)
  }
  if (status === 503) {
    const reason = reasonOf(answer)
    return failure('server', `${url} answers 503${reason}: nobody can be let in`, `Look at the log of the validator. ${READY}`)
  }
  if (status !== 401) {
    const how = status < 400 ? 'lets a stranger in' : 'does not ask who is there'
    return failure('server', `${url} answers ${status} to a call without credentials: it ${how}`, GATE_IT)
  }
  const metadata = /\bresource_metadata="([^"]+)"/.exec(headers['www-authenticate'] ?? '')?.[1]
  if (metadata === undefined) {
    const evidence = `${url} answers 401 without a challenge that names resource_metadata, so MCP clients do not find where to sign in`
    return failure('server', evidence, `Something else answers there than the gate. ${GATE_IT}`)
  }
  return (
    (await metadataProblem(gateway, url, metadata, authorities, world)) ??
    ok('server', `${url} refuses strangers, and tells them where to get a token`)
  )
}

const reasonOf = (answer: Answer): string => {
  const { reason } = objectOf(answer)
  return typeof reason === 'string' ? ` (${reason})` : ''
}

/** RFC 9728 section 3.3: the resource must be the one that was asked for. */
async function metadataProblem(
  gateway: string,
  url: string,
  metadata: string,
  authorities: readonly string[],
  { ask }: World,
): Promise<Finding | null> {
  const where = URL.canParse(metadata) ? new URL(metadata) : null
  if (where?.origin !== gateway) {
    const remedy =
      'REGISTRY_URL here and at the running gateway must be the same, which is what clients type. Restart the gateway after a change.'
    return failure('server', `the challenge of ${url} points to ${where?.origin ?? metadata}, which is not ${gateway}`, remedy)
  }
  const answer = await ask({ origin: gateway, path: where.pathname })
  if (isTrouble(answer) || answer.status !== 200) {
    const what = isTrouble(answer) ? `no answer (${answer.trouble})` : `status ${answer.status}`
    return failure('server', `${metadata} gives ${what}`, 'NGINX must hold: include gatehouse/server.conf;')
  }
  const { resource, authorization_servers } = objectOf(answer)
  if (resource !== url) {
    return failure(
      'server',
      `${metadata} is about ${String(resource)}, not ${url}`,
      'Set REGISTRY_URL of the gateway to what clients type.',
    )
  }
  const servers = Array.isArray(authorization_servers) ? authorization_servers : []
  if (authorities.length > 0 && !servers.some((one) => authorities.includes(one))) {
    const evidence = `${metadata} sends clients to ${servers.join(', ') || 'nowhere'} instead of ${authorities.join(' or ')}`
    return failure(
      'server',
      evidence,
      'The running gateway has other settings. Compare COGNITO_CLIENT_ID, COGNITO_USER_POOL_ID and COGNITO_ISSUER, and restart it.',
    )
  }
  return null
}
