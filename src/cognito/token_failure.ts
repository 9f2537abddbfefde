/** Why there is no token: what happened, what to do, and whether it may pass by itself. */
import type { Patience } from './retry.ts'

export type TokenFailure =
  /** Cognito's answer of RFC 6749 section 5.2. */
  | { kind: 'refused'; error: string; description: string | null }
  /** 429 and 5xx; `retryAfter` in milliseconds. */
  | { kind: 'busy'; status: number; retryAfter: number | null }
  /** No answer; what the operating system or the library said. */
  | { kind: 'unreachable'; code: string }
  /** An answer that is none of a token endpoint. */
  | { kind: 'unusable'; status: number }

/** A refused or failed request for a token; the message says what to do. */
export class TokenRequestError extends Error {
  readonly failure: TokenFailure
  /** Cognito's error code, or null when it gave none. */
  readonly error: string | null
  /** @param endpoint URL of the token endpoint */
  constructor(failure: TokenFailure, endpoint: string) {
    super(explain(failure, endpoint))
    this.failure = failure
    this.error = failure.kind === 'refused' ? failure.error : null
  }
}

/** What Cognito's error answers mean for client credentials (AWS developer guide, token endpoint). */
const EXPLANATIONS: Record<string, string> = {
  invalid_client: 'COGNITO_CLIENT_ID or COGNITO_CLIENT_SECRET is wrong, or the app client is of another user pool than COGNITO_DOMAIN.',
  invalid_scope:
    'The app client may not have one of these scopes, or no resource server of the pool has it. Assign it to the app client in Cognito, or ask for others.',
  invalid_grant: 'The app client may not use this grant, or not these scopes.',
  unauthorized_client: 'The app client may not use client credentials. It must be of the type machine to machine, with a secret.',
  unsupported_grant_type: 'This domain does not offer client credentials. Check COGNITO_DOMAIN.',
  invalid_request:
    'Cognito did not understand the request. An app client that was made without a secret cannot use client credentials: check COGNITO_CLIENT_ID.',
}

/** What else a domain of Cognito answers where a token was asked for. */
const STATUSES: Record<number, string> = {
  403: 'A web application firewall may be in front of the domain.',
  404: 'No user pool has this domain. Check COGNITO_DOMAIN: it is the domain of the pool, not its issuer.',
  405: 'This is not the domain of a user pool. Check COGNITO_DOMAIN.',
}

function explain(failure: TokenFailure, endpoint: string): string {
  switch (failure.kind) {
    case 'refused':
      return `Cognito refused (${failure.error}). ${explainRefusal(failure.error, failure.description)}`
    case 'busy':
      return `${endpoint} has no time for it (status ${failure.status})${laterInWords(failure.retryAfter)}. ${
        failure.status === 429 ? 'Too many tokens are asked for: keep a token until it is nearly over.' : 'Try again later.'
      }`
    case 'unreachable':
      return `${endpoint} gave no usable answer (${failure.code}). Check COGNITO_DOMAIN, and that this machine reaches it.`
    case 'unusable':
      return `${endpoint} gave no usable answer (status ${failure.status}). ${STATUSES[failure.status] ?? 'Check COGNITO_DOMAIN.'}`
  }
}

function explainRefusal(error: string, description: string | null): string {
  // Only Cognito's own word for it: others might put anything there.
  if (error === 'invalid_client' && description === 'invalid_client_secret') {
    return 'COGNITO_CLIENT_SECRET is wrong for this COGNITO_CLIENT_ID: copy it again from the app client.'
  }
  return EXPLANATIONS[error] ?? 'See the Cognito developer guide, token endpoint.'
}

const laterInWords = (milliseconds: number | null): string =>
  milliseconds === null ? '' : `, and asks to come back in ${Math.ceil(milliseconds / 1000)} s`

/** What passes by itself, in a while. */
const PASSING = new Set([
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_HEADERS_TIMEOUT',
  'TIMEOUT',
])
/** What is mostly a wrong name, and only for a moment something else. */
const MOSTLY_WRONG = new Set(['ECONNREFUSED', 'ENOTFOUND'])

/** A person or a script waits for the token: 20 seconds at most. */
export function patienceFor(failure: TokenFailure): Patience {
  if (failure.kind === 'busy') return { budget: 20_000, retryAfter: failure.retryAfter }
  if (failure.kind !== 'unreachable') return { budget: 0, retryAfter: null }
  if (PASSING.has(failure.code)) return { budget: 20_000, retryAfter: null }
  return { budget: MOSTLY_WRONG.has(failure.code) ? 1500 : 0, retryAfter: null }
}
