/** Whether MCP clients find at the gateway what they sign in by, and strangers do not find more. Nobody is logged in. */
import { type Answer, isTrouble, objectOf, type Trouble, type World } from './ask.ts'
import { type Finding, failure, ok, skipped } from './finding.ts'
import { isAway, noAnswer, noValidator } from './gateway.ts'
import type { McpFace } from './mcp_face.ts'
import { checkMetadata } from './mcp_metadata.ts'

export interface SignIn {
  gateway: string
  /** By the gateway's own settings; null where these are not known. */
  mcp: McpFace | null
  /** Where the keys of its pool may be; empty when that is not known. */
  jwksUrls: readonly string[]
}

/** A site that nobody has allowed (RFC 2606). */
const FOREIGN = 'https://evil.example/cb'
/** A program on the user's computer, at a port where no gateway is. */
const LOOPBACK = 'http://127.0.0.1:1/callback'
const OTHER = 'The running gateway has other settings. Restart it with these.'
const OPEN =
  'The gateway that runs is not the shipped one, or something stands before it. Put back the shipped program and nginx/gatehouse/.'

export async function checkMcpSignIn(signIn: SignIn, world: World): Promise<Finding[]> {
  const metadata = await checkMetadata(signIn, world)
  if (!metadata.isThere) return metadata.findings
  const { findings, clientId } = await checkRegistration(signIn, world)
  const id = clientId ?? signIn.mcp?.client.id ?? 'gatehouse-doctor'
  return [...metadata.findings, ...findings, await checkForeign(signIn, id, world), await checkAgentsGrant(signIn, id, world)]
}

const register = ({ gateway }: SignIn, uri: string, { ask }: World): Promise<Answer | Trouble> =>
  ask({
    origin: gateway,
    path: '/oauth2/register',
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ redirect_uris: [uri], client_name: 'gatehouse doctor' }),
  })

/** RFC 7591. Nothing is kept of a registration. */
async function checkRegistration(signIn: SignIn, world: World): Promise<{ findings: Finding[]; clientId: string | null }> {
  const { gateway, mcp } = signIn
  const at = `${gateway}/oauth2/register`
  const [own, foreign] = await Promise.all([register(signIn, LOOPBACK, world), register(signIn, FOREIGN, world)])
  if (isTrouble(own) || isTrouble(foreign)) {
    const trouble = isTrouble(own) ? own : (foreign as Trouble)
    return { findings: [noAnswer('mcp-sign-in', trouble, gateway)], clientId: null }
  }
  const away = [own, foreign].find(isAway)
  if (away) return { findings: [noValidator('mcp-sign-in', at, away)], clientId: null }
  const { client_id, client_secret } = objectOf(own)
  const clientId = own.status === 201 && typeof client_id === 'string' ? client_id : null
  const findings = [
    ...judgeLoopback(own, at, mcp),
    ...(clientId === null || mcp === null ? [] : judgeId(clientId, at, mcp)),
    ...(client_secret === undefined ? [] : [failure('mcp-sign-in', `${at} gives a secret to whoever asks`, OPEN)]),
    ...(foreign.status === 400 || mcp?.redirects.exact.has(FOREIGN)
      ? []
      : [failure('mcp-sign-in', `${at} answers ${foreign.status} instead of 400 to ${FOREIGN}: codes would go to any site`, OPEN)]),
  ]
  const right = ok('mcp-sign-in', `${at} takes programs on the user's computer, and not ${FOREIGN}`)
  return { findings: findings.length > 0 ? findings : [right], clientId }
}

function judgeLoopback({ status }: Answer, at: string, mcp: McpFace | null): Finding[] {
  if (status === 201 && mcp?.redirects.loopback !== false) return []
  if (status === 201) return [failure('mcp-sign-in', `${at} takes ${LOOPBACK}, but MCP_REDIRECT_URIS has no loopback`, OTHER)]
  const evidence = `${at} answers ${status} instead of 201 to ${LOOPBACK}`
  if (status === 400 && mcp?.redirects.loopback !== true)
    return [skipped('mcp-sign-in', `${evidence}: programs on the user's computer may not sign in`)]
  return [failure('mcp-sign-in', `${evidence}: no MCP client on the user's computer can sign in`, OTHER)]
}

/** The name that a client has given itself stands behind a dot. */
function judgeId(clientId: string, at: string, { client }: McpFace): Finding[] {
  if (clientId.split('.')[0] === client.id) return []
  return [failure('mcp-sign-in', `${at} gives out the app client ${clientId.split('.')[0]}, and not ${client.id}`, OTHER)]
}

/** RFC 6749 section 4.1.2.1: who asks for an answer at an address that is not theirs must not be sent there, not even with an error. */
async function checkForeign({ gateway, mcp }: SignIn, clientId: string, { ask }: World): Promise<Finding> {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: FOREIGN,
    state: 'gatehouse-doctor',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
  })
  if (mcp?.redirects.exact.has(FOREIGN)) return skipped('mcp-sign-in', `${FOREIGN} is allowed by MCP_REDIRECT_URIS`)
  const answer = await ask({ origin: gateway, path: `/oauth2/authorize?${query}` })
  if (isTrouble(answer)) return noAnswer('mcp-sign-in', answer, gateway)
  const { location } = answer.headers
  const at = `${gateway}/oauth2/authorize`
  if (isAway(answer)) return noValidator('mcp-sign-in', at, answer)
  if (answer.status === 400 && location === undefined) return ok('mcp-sign-in', `${at} sends nobody to ${FOREIGN}`)
  const where =
    location === undefined ? '' : ` and leads to ${URL.canParse(location, gateway) ? new URL(location, gateway).origin : 'an odd place'}`
  return failure('mcp-sign-in', `${at} answers ${answer.status}${where}, instead of 400, to a client that asks for ${FOREIGN}`, OPEN)
}

/** With the gateway's secret this grant would make every stranger an agent. */
async function checkAgentsGrant({ gateway }: SignIn, clientId: string, { ask }: World): Promise<Finding> {
  const answer = await ask({
    origin: gateway,
    path: '/oauth2/token',
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId }).toString(),
  })
  if (isTrouble(answer)) return noAnswer('mcp-sign-in', answer, gateway)
  const at = `${gateway}/oauth2/token`
  if (isAway(answer)) return noValidator('mcp-sign-in', at, answer)
  const { error } = objectOf(answer)
  if (answer.status === 400 && error === 'unsupported_grant_type') return ok('mcp-sign-in', `${at} gives tokens to users alone`)
  const said = typeof error === 'string' ? ` (${error})` : ''
  return failure(
    'mcp-sign-in',
    `${at} answers ${answer.status}${said} to client_credentials, instead of 400 (unsupported_grant_type)`,
    OPEN,
  )
}
