/** One question to Cognito's authorization endpoint, as a browser would ask it, and what the redirect says. Nobody logs in. */
import { createHash, randomBytes } from 'node:crypto'
import { type Answer, explainTrouble, isTrouble, type World } from './ask.ts'

export type AuthorizeAnswer =
  /** On to the login page, or straight to an identity provider: everything is as registered. */
  | { kind: 'login'; location: string }
  /** Back to the application with an error; only a registered callback URL gets to hear it. */
  | { kind: 'callback'; error: string; description: string }
  /** The callback URL is not registered. */
  | { kind: 'mismatch' }
  /** Cognito's own error page, for another reason. */
  | { kind: 'error_page'; error: string }
  | { kind: 'odd'; status: number }
  | { kind: 'away'; evidence: string; remedy: string }

export interface AuthorizeQuestion {
  /** Base URL of the pool's domain. */
  domain: string
  clientId: string
  redirectUri: string
  /** None are as good as all that the client may have. */
  scopes: readonly string[]
  /** To bind the token to (RFC 8707). */
  resource?: string
}

const random = (): string => randomBytes(32).toString('base64url')

/** AWS developer guide, authorization endpoint; the error page as it is seen in the field. */
export async function askAuthorize(question: AuthorizeQuestion, { ask }: World): Promise<AuthorizeAnswer> {
  const { domain, clientId, redirectUri, scopes, resource } = question
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    state: random(),
    nonce: random(),
    code_challenge: createHash('sha256').update(random()).digest('base64url'),
    code_challenge_method: 'S256',
    ...(resource !== undefined && { resource }),
  })
  const answer = await ask({ origin: domain, path: `/oauth2/authorize?${query}` })
  return isTrouble(answer) ? { kind: 'away', ...explainTrouble(answer.trouble, domain) } : understand(answer, domain, redirectUri)
}

function understand({ status, headers: { location } }: Answer, domain: string, redirectUri: string): AuthorizeAnswer {
  if (![302, 303].includes(status) || location === undefined || !URL.canParse(location, domain)) return { kind: 'odd', status }
  const target = new URL(location, domain)
  if (isSame(target, new URL(redirectUri))) {
    const { error = 'none', error_description: description = '' } = Object.fromEntries(target.searchParams)
    return { kind: 'callback', error, description }
  }
  if (target.origin === domain && target.pathname === '/error') {
    const error = target.searchParams.get('error') ?? 'unknown'
    return error === 'redirect_mismatch' ? { kind: 'mismatch' } : { kind: 'error_page', error }
  }
  return { kind: 'login', location: target.href }
}

const isSame = (a: URL, b: URL): boolean => a.origin === b.origin && a.pathname === b.pathname && a.protocol === b.protocol
