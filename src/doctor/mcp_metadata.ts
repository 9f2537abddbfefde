/** Whether the authorization server metadata of the gateway (RFC 8414, and OpenID Connect Discovery) is there and leads back to it. */
import { explainTrouble, isTrouble, objectOf, type World } from './ask.ts'
import { type Finding, failure, ok, skipped } from './finding.ts'
import { isAway, noValidator } from './gateway.ts'
import type { SignIn } from './mcp_sign_in.ts'

const PATHS = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']
const ENDPOINTS = ['authorization_endpoint', 'token_endpoint', 'registration_endpoint', 'revocation_endpoint']
const NEEDS = 'NGINX must hold: include gatehouse/server.conf; and the gateway COGNITO_CLIENT_ID.'

export interface MetadataFacts {
  findings: Finding[]
  isThere: boolean
}

export async function checkMetadata(signIn: SignIn, world: World): Promise<MetadataFacts> {
  const looked = await Promise.all(PATHS.map((path) => lookAt(path, signIn, world)))
  // What is wrong with both is one mistake.
  const { findings } = looked.find((one) => one.findings.length > 0) ?? { findings: [] }
  const isThere = looked.every((one) => one.isThere)
  const right = ok('mcp-sign-in', `${signIn.gateway} is the authorization server that MCP clients find, with S256`)
  return { findings: findings.length > 0 ? findings : [right], isThere }
}

async function lookAt(path: string, signIn: SignIn, { ask }: World): Promise<MetadataFacts> {
  const { gateway, mcp } = signIn
  const at = gateway + path
  const answer = await ask({ origin: gateway, path, headers: { accept: 'application/json' } })
  if (isTrouble(answer)) {
    const { evidence, remedy } = explainTrouble(answer.trouble, gateway)
    return { findings: [failure('mcp-sign-in', evidence, remedy)], isThere: false }
  }
  // The settings of somebody else do not tell whether it is to be there.
  if (answer.status === 404 && mcp === null)
    return { findings: [skipped('mcp-sign-in', `${at} answers 404: MCP clients cannot sign in there by themselves`)], isThere: false }
  const metadata = objectOf(answer)
  if (isAway(answer)) return { findings: [noValidator('mcp-sign-in', at, answer)], isThere: false }
  if (answer.status !== 200 || typeof metadata.issuer !== 'string')
    return {
      findings: [failure('mcp-sign-in', `${at} answers ${answer.status} without an issuer, so no MCP client can sign in`, NEEDS)],
      isThere: false,
    }
  return { findings: problemsOf(metadata, at, signIn), isThere: true }
}

function problemsOf(metadata: Record<string, unknown>, at: string, { gateway, jwksUrls }: SignIn): Finding[] {
  const findings: Finding[] = []
  const wrong = (evidence: string, remedy: string): number => findings.push(failure('mcp-sign-in', evidence, remedy))
  const { issuer, jwks_uri, code_challenge_methods_supported: methods } = metadata
  // RFC 8414 section 3.3: clients compare it to the letter with what has led them there.
  if (issuer !== gateway)
    wrong(`${at} calls itself ${String(issuer)}, not ${gateway}`, 'Set REGISTRY_URL of the gateway to what clients type, and restart it.')
  if (!Array.isArray(methods) || !methods.includes('S256'))
    wrong(`${at} does not name S256, without which MCP clients refuse to sign in`, `Something else answers there than the gate. ${NEEDS}`)
  const astray = ENDPOINTS.filter((name) => originOf(metadata[name]) !== gateway)
  // A wrong issuer and its endpoints are one mistake.
  if (astray.length > 0 && issuer === gateway)
    wrong(`${at} has ${astray.join(', ')} elsewhere than at ${gateway}`, `Something else answers there than the gate. ${NEEDS}`)
  if (jwksUrls.length > 0 && !jwksUrls.includes(String(jwks_uri)))
    wrong(
      `${at} leads to the keys at ${String(jwks_uri)}, which is not the pool of the settings here`,
      'The running gateway has other settings. Compare COGNITO_USER_POOL_ID and COGNITO_ISSUER, and restart it.',
    )
  return findings
}

const originOf = (url: unknown): string | null => (typeof url === 'string' && URL.canParse(url) ? new URL(url).origin : null)
