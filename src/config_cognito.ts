/** What a configuration says about Cognito: pools, app clients, the login of users. */
import { domainUrl } from './cognito/endpoints.ts'
import { needsExplicitIssuer, type Pool, poolInRegion, poolWithIssuer, regionOfPool } from './cognito/pool.ts'
import type { SettingsReader } from './settings.ts'

/** How users log in. */
export interface LoginClient {
  clientId: string
  /** Null for a public client. */
  clientSecret: string | null
  /** Base URL of the pool's domain. */
  domain: string
  /** Space separated. */
  scopes: string
}

/** The user pools, the first one that of the login. */
export function readPools(reader: SettingsReader): Pool[] {
  const ids = reader.list('COGNITO_USER_POOL_ID')
  // No issuer of Cognito ends in a slash, but people's clipboards do.
  const issuers = reader.list('COGNITO_ISSUER').map((issuer) => issuer.replace(/\/$/, ''))
  const jwks = reader.list('COGNITO_JWKS_URL')
  const region = reader.text('AWS_REGION')
  if (ids.length === 0) reader.wrong('COGNITO_USER_POOL_ID', 'is missing', 'us-east-1_AbCdEfGhI')
  for (const [name, values] of Object.entries({ COGNITO_ISSUER: issuers, COGNITO_JWKS_URL: jwks })) {
    if (values.length > 0 && values.length !== ids.length) {
      reader.wrong(name, 'must name one URL for each id in COGNITO_USER_POOL_ID, in the same order, or be left out', 'https://…')
    }
    for (const value of values) {
      // A password in a URL would end up in logs, so it is not repeated here either.
      if (/^[^/]*\/\/[^/]*@/.test(value)) reader.wrong(name, 'must hold URLs without user and password', 'https://…')
      else if (!isFetchable(value)) reader.wrong(name, `must hold https URLs (http on loopback); "${value}" is none`, 'https://…')
    }
  }
  return ids.flatMap((id, index) => {
    const ofPool = regionOfPool(id)
    if (ofPool === null) {
      reader.wrong('COGNITO_USER_POOL_ID', `must hold pool ids, REGION_SUFFIX; "${id}" is none`, 'us-east-1_AbCdEfGhI')
      return []
    }
    if (region !== undefined && index === 0 && region !== ofPool) {
      reader.wrong('AWS_REGION', `is "${region}", but the pool "${id}" is in "${ofPool}"`, ofPool)
    }
    const issuer = issuers[index]
    if (issuer !== undefined) return [poolWithIssuer(id, issuer, jwks[index])]
    if (needsExplicitIssuer(ofPool)) {
      reader.wrong(
        'COGNITO_ISSUER',
        `is missing: the issuer of pools in "${ofPool}" cannot be derived; copy "iss" from one of its tokens`,
        'https://…',
      )
    }
    const pool = poolInRegion(id, ofPool)
    return [jwks[index] === undefined ? pool : { ...pool, jwksUrls: [jwks[index]] }]
  })
}

/** The accepted app clients; null for every client of the pools. */
export function readClientIds(reader: SettingsReader): ReadonlySet<string> | null {
  const own = [...reader.list('COGNITO_CLIENT_ID'), ...reader.list('COGNITO_MCP_CLIENT_ID')]
  const allowed = reader.list('ALLOWED_CLIENT_IDS')
  if (allowed.length === 0) {
    reader.wrong(
      'ALLOWED_CLIENT_IDS',
      'is missing: list the app clients whose tokens are accepted, or * for every client of the pool',
      '1example23456789,…',
    )
    return new Set()
  }
  if (allowed.includes('*')) return null
  const ids = new Set([...own, ...allowed])
  for (const id of ids)
    if (!/^[\w+]{1,128}$/.test(id)) reader.wrong('ALLOWED_CLIENT_IDS', `holds "${id}", which is no app client id`, '1example23456789')
  return ids
}

/** The app client by which users log in: the first one in `COGNITO_CLIENT_ID`; null when there is none. */
export function readLoginClient(reader: SettingsReader, poolId: string): LoginClient | null {
  const [clientId] = reader.list('COGNITO_CLIENT_ID')
  const clientSecret = reader.text('COGNITO_CLIENT_SECRET') ?? null
  const own = reader.text('COGNITO_DOMAIN')
  const domain = domainUrl(own, poolId, regionOfPool(poolId) ?? '')
  // Without a domain of its own, a wrong pool id is the one mistake to be told.
  if (domain === null && own !== undefined) {
    reader.wrong('COGNITO_DOMAIN', 'must be a prefix, a host name or an https URL without path', 'my-company')
  }
  const scopes = readLoginScopes(reader)
  return clientId === undefined || domain === null ? null : { clientId, clientSecret, domain, scopes }
}

/** Without `openid` Cognito gives no ID token. */
function readLoginScopes(reader: SettingsReader): string {
  const scopes = reader.list('LOGIN_SCOPES')
  const fit = scopes.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))
  if (scopes.length > 0 && !(fit && scopes.includes('openid'))) {
    reader.wrong('LOGIN_SCOPES', 'must hold scope names, openid among them', 'openid,email,profile')
  }
  return scopes.length > 0 ? scopes.join(' ') : 'openid email profile'
}

const isLoopback = (url: URL): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)

function isFetchable(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))
}
