/** Whether the callback URLs are registered at the app client, to the letter, and whether a login page comes. */

import { isTrouble, type World } from './ask.ts'
import { type AuthorizeAnswer, askAuthorize } from './authorize.ts'
import { type Finding, failure, ok, skipped, warning } from './finding.ts'
import { CALLBACK_PATHS } from './mcp_face.ts'
import type { AppClient, Profile } from './profile.ts'

/** Where `gatehouse login --direct` waits. */
const CLI = 'http://localhost:8080/callback'
/** That of a gateway at port 8080 of this machine. */
const LOCAL = 'http://localhost:8080/oauth2/callback/cognito'
const PATH = CALLBACK_PATHS.COGNITO_CLIENT

interface Wanted {
  url: string
  /** How bad it is when it is not registered. */
  need: 'needed' | 'useful' | 'not needed'
  why: string
}

/** The callback URLs of the app client that somebody with these settings comes back to. */
export function callbackUrls(profile: Profile, client: AppClient): Wanted[] {
  return [...(client === profile.client ? ofLogin(profile) : []), ...(client === profile.mcp?.client ? ofMcpClients(profile) : [])]
}

function ofMcpClients({ gateway, mcp }: Profile): Wanted[] {
  if (gateway === null) return []
  const url = gateway + CALLBACK_PATHS.COGNITO_MCP_CLIENT
  if (mcp?.isOpen !== true) return [{ url, need: 'not needed', why: 'no MCP client may sign in by itself here' }]
  return [{ url, need: 'needed', why: 'without it no MCP client can sign its user in' }]
}

function ofLogin({ role, gateway, secretKeys }: Profile): Wanted[] {
  const isDirect = role === 'user' && secretKeys.length > 0
  const own: Wanted[] =
    role === 'gateway' && gateway !== null
      ? [{ url: gateway + PATH, need: 'needed', why: 'without it nobody can log in at the gateway' }]
      : []
  const cli: Wanted = {
    url: CLI,
    need: isDirect ? 'needed' : 'useful',
    why: 'without it gatehouse login --direct cannot work; by way of the gateway it needs none',
  }
  const local: Wanted = { url: LOCAL, need: 'not needed', why: 'it is only for a gateway at http://localhost:8080' }
  return [...own, ...(role === 'gateway' || isDirect ? [cli] : []), ...(role === 'gateway' && gateway + PATH !== LOCAL ? [local] : [])]
}

export interface CallbackFacts {
  findings: Finding[]
  /** A registered callback URL, by which scopes can be tried. */
  registered: string | null
}

/** Asks for each of them. */
export async function examineCallbacks(profile: Profile, client: AppClient, world: World): Promise<CallbackFacts> {
  const wanted = callbackUrls(profile, client)
  // Without scopes, as the client may not have any that is named here, and would get no login page then.
  const answers = await Promise.all(
    wanted.map(({ url }) => askAuthorize({ domain: profile.domain as string, clientId: client.id, redirectUri: url, scopes: [] }, world)),
  )
  const isKnown = (answer: AuthorizeAnswer): boolean => answer.kind === 'login' || answer.kind === 'callback'
  const [first] = answers
  // What is wrong with the client itself is wrong for each of them, and told once.
  const common = first === undefined ? null : general(first, client, profile)
  if (common !== null) return { findings: [common], registered: null }
  const findings = wanted.flatMap((one, index) => judge(one, answers[index] as AuthorizeAnswer, client, profile))
  const page = answers.find((answer) => answer.kind === 'login')
  if (page?.kind === 'login') findings.push(...(await checkPage(page.location, profile, client, world)))
  return { findings, registered: wanted.find((_one, index) => isKnown(answers[index] as AuthorizeAnswer))?.url ?? null }
}

function judge({ url, need, why }: Wanted, answer: AuthorizeAnswer, client: AppClient, { name }: Profile): Finding[] {
  if (answer.kind === 'callback' && answer.description === 'unauthorized_client') {
    const remedy = 'In Cognito, app client, Login pages: allow the authorization code grant.'
    return [failure('callback-url', `${url} is registered, but ${client.id} may not use the authorization code grant`, remedy)]
  }
  if (answer.kind === 'login' || answer.kind === 'callback') return [ok('callback-url', `${url} is registered at ${client.id}`)]
  if (answer.kind !== 'mismatch') return [skipped('callback-url', `${url}: Cognito's answer does not tell (${answer.kind})`)]
  const evidence = `${url} is not registered at ${client.id} of ${name} (redirect_mismatch); ${why}`
  const remedy = `In Cognito, app client, Login pages, Allowed callback URLs: add ${url} to the letter; scheme, port, path and final slash count.`
  if (need === 'needed') return [failure('callback-url', evidence, remedy)]
  return [need === 'useful' ? warning('callback-url', evidence, remedy) : skipped('callback-url', evidence)]
}

/** What no callback URL can help. */
function general(answer: AuthorizeAnswer, { id, settings }: AppClient, { domain, name }: Profile): Finding | null {
  if (answer.kind === 'login' || answer.kind === 'callback' || answer.kind === 'mismatch') return null
  if (answer.kind === 'away') return failure('callback-url', answer.evidence, answer.remedy)
  if (answer.kind === 'error_page') {
    const remedy = `Check ${settings}_ID in ${name}, and that ${domain} is the domain of its pool.`
    return failure('callback-url', `Cognito does not take ${id} for a login client: its error page says "${answer.error}"`, remedy)
  }
  if (answer.status === 403) return unbranded(id)
  return failure(
    'callback-url',
    `${domain}/oauth2/authorize answers ${answer.status} for ${id}`,
    `Check COGNITO_DOMAIN and ${settings}_ID.`,
  )
}

const unbranded = (id: string): Finding =>
  failure(
    'callback-url',
    `Cognito says that login pages are not available for ${id} (403)`,
    'With managed login each app client needs a style. In Cognito: Branding, Managed login, create a style for this app client.',
  )

/** A client without a style gets 403 at the login page. Pages of other identity providers are left alone. */
async function checkPage(location: string, { domain }: Profile, client: AppClient, { ask }: World): Promise<Finding[]> {
  const { origin, pathname, search } = new URL(location)
  if (origin !== domain) return []
  const page = await ask({ origin, path: pathname + search })
  return !isTrouble(page) && page.status === 403 ? [unbranded(client.id)] : []
}
