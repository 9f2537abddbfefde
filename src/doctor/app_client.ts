/** Whether app client and secret are right, by Cognito's word: an agent asks for a token, a login client redeems a code that nobody gave. */
import { randomBytes } from 'node:crypto'
import type { World } from './ask.ts'
import { hint } from './domain.ts'
import { type Finding, failure, ok, skipped, warning } from './finding.ts'
import { CALLBACK_PATHS } from './mcp_face.ts'
import type { AppClient, Profile } from './profile.ts'
import { askToken, type TokenAnswer } from './token_endpoint.ts'

export interface ClientFacts {
  finding: Finding
  /** An agent's token. */
  token: string | null
}

/** One trouble is to be told once. */
export const unasked = ({ name, domain }: Profile): Finding =>
  skipped('app-client', `the client of ${name} cannot be tried without the domain ${domain}`)

type Refused = Extract<TokenAnswer, { kind: 'refused' }>

/** Asks for a token of the agent's own. Cognito counts each, so it is asked once. */
export async function examineAgentClient(
  profile: Profile,
  client: AppClient,
  tokenEndpoint: string | null,
  world: World,
): Promise<ClientFacts> {
  const form = { grant_type: 'client_credentials', client_id: client.id, client_secret: client.secret }
  const answer = await askToken(profile.domain as string, form, world)
  if (answer.kind === 'token') return { finding: ok('app-client', `${client.id} of ${profile.name} gets a token`), token: answer.token }
  const finding = answer.kind === 'refused' ? agentRefused(answer, profile, client, tokenEndpoint) : unclear(answer, profile)
  return { finding, token: null }
}

/** Redeems a made-up code: a right client is told that the code is bad, a wrong one that it is wrong itself. */
export async function checkLoginClient(profile: Profile, client: AppClient, tokenEndpoint: string | null, world: World): Promise<Finding> {
  const form = {
    grant_type: 'authorization_code',
    client_id: client.id,
    client_secret: client.secret,
    code: '00000000-0000-4000-8000-000000000000',
    redirect_uri: (profile.gateway ?? 'http://localhost:8080') + CALLBACK_PATHS[client.settings],
    code_verifier: randomBytes(32).toString('base64url'),
  }
  const answer = await askToken(profile.domain as string, form, world)
  if (answer.kind === 'away' || answer.kind === 'busy') return unclear(answer, profile)
  const proof = client.secret === null ? 'is known, and needs no secret' : 'and its secret are right'
  const right = ok('app-client', `${client.id} of ${profile.name} ${proof}`)
  if (answer.kind === 'token') return right
  const { error, description } = answer
  if (error === 'invalid_grant' || description === 'invalid_redirect') return right
  if (error === 'invalid_client') return wrongClient(answer, profile, client, tokenEndpoint)
  if (error !== 'unauthorized_client')
    return failure('app-client', `${client.id} of ${profile.name}: ${quote(answer)}`, 'See docs/login.md, At Cognito.')
  const remedy =
    'In Cognito, app client, Login pages: allow the authorization code grant. A machine-to-machine client cannot have it; make another.'
  return failure('app-client', `${client.id} of ${profile.name} may not log users in: ${quote(answer)}`, remedy)
}

function agentRefused(answer: Refused, profile: Profile, client: AppClient, tokenEndpoint: string | null): Finding {
  const who = `${client.id} of ${profile.name}`
  switch (answer.error) {
    case 'invalid_client':
      return wrongClient(answer, profile, client, tokenEndpoint)
    case 'invalid_scope':
    case 'invalid_grant': {
      const remedy = 'In Cognito, app client, Login pages: allow client credentials, and at least one custom scope of a resource server.'
      return failure('app-client', `${who} has no scope, or not this grant: ${quote(answer)}`, remedy)
    }
    case 'unauthorized_client': {
      const remedy = 'An agent needs an app client of the type machine to machine. The client by which users log in is another one.'
      return failure('app-client', `${who} may not use client credentials: ${quote(answer)}`, remedy)
    }
    default:
      return failure('app-client', `${who}: ${quote(answer)}`, 'See the Cognito developer guide, token endpoint.')
  }
}

/** Cognito says `invalid_client_secret` when it knows the client. */
function wrongClient(
  answer: Refused,
  { name, domain, pools }: Profile,
  { id, secret, settings }: AppClient,
  tokenEndpoint: string | null,
): Finding {
  const elsewhere = hint(domain as string, tokenEndpoint)
  if (answer.description !== 'invalid_client_secret') {
    const remedy = elsewhere ?? `Copy ${settings}_ID from the app client of ${pools[0]?.id ?? 'the pool'}; it is not the client's name.`
    return failure('app-client', `no app client ${id} at ${domain}: ${quote(answer)} (${name})`, remedy)
  }
  const evidence =
    secret === null
      ? `${id} has a secret, and ${name} has none: ${quote(answer)}`
      : `the secret of ${id} in ${name} is wrong: ${quote(answer)}`
  const remedy = `Copy ${settings}_SECRET from that app client in Cognito; leave it out for a public client.`
  return failure('app-client', evidence, remedy)
}

const quote = ({ error, description }: Refused): string => `Cognito says ${error}${description === '' ? '' : ` (${description})`}`

function unclear(answer: Extract<TokenAnswer, { kind: 'away' | 'busy' }>, { name }: Profile): Finding {
  if (answer.kind === 'away') return failure('app-client', `${answer.evidence} (${name})`, answer.remedy)
  return warning('app-client', `Cognito does not answer now, as it is asked too often (429; ${name})`, 'Try again in a minute.')
}
