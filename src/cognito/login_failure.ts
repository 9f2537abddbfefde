/** Why a login has failed, from the errors of the library that carries it out. */
import { AuthorizationResponseError, ResponseBodyError, WWWAuthenticateChallengeError } from 'openid-client'
import type { LoginReason } from './login_reasons.ts'

export interface LoginFailure {
  reason: LoginReason
  /** What Cognito wrote for a person. From outside: to be escaped. */
  said?: string
  /** For the log. */
  detail?: string
}

/** `iss` of the callback (RFC 9207) or of the ID token is another one than expected. */
export function isForeignIssuer(error: unknown): boolean {
  const { cause } = causeOf(error)
  return cause.claim === 'iss' || (typeof cause.expected === 'string' && cause.parameters instanceof URLSearchParams)
}

/** Codes of the library, as far as they say more than that Cognito did not answer as it should. */
const REASON_OF_CODE: Record<string, LoginReason> = {
  OAUTH_JWT_TIMESTAMP_CHECK_FAILED: 'clock',
  OAUTH_JWT_CLAIM_COMPARISON_FAILED: 'token_invalid',
  OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED: 'token_invalid',
  OAUTH_INVALID_RESPONSE: 'answer_invalid',
  OAUTH_UNSUPPORTED_OPERATION: 'answer_invalid',
}

/** @param error of the library */
export function explain(error: unknown): LoginFailure {
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    const { error: kind, error_description: said } = error
    return { reason: reasonOfError(kind, said), detail: kind, ...(said === undefined ? {} : { said }) }
  }
  const { code, cause } = causeOf(error)
  // RFC 6749 section 5.2: a client that is not accepted may be told so by a challenge alone.
  if (error instanceof WWWAuthenticateChallengeError) return { reason: 'invalid_client', detail: `challenge ${error.status}` }
  // The nonce is of the browser's login, so a wrong one is no fault of the configuration.
  if (cause.claim === 'nonce') return { reason: 'answer_invalid', detail: 'nonce' }
  const detail = [code, cause.claim, cause.code].filter((part) => typeof part === 'string').join(' ')
  return { reason: REASON_OF_CODE[code ?? ''] ?? 'cognito_unreachable', detail: detail || String(error) }
}

/** Cognito reports some errors as `invalid_request`, with the error proper in the description. */
function reasonOfError(error: string, description: string | undefined): LoginReason {
  const known: readonly LoginReason[] = ['access_denied', 'invalid_scope', 'unauthorized_client', 'invalid_client', 'invalid_grant']
  return (
    known.find((reason) => reason === error || reason === description) ?? (error === 'server_error' ? 'cognito_failed' : 'login_refused')
  )
}

function causeOf(error: unknown): { code?: string; cause: Record<string, unknown> } {
  const { code, cause } = Object(error) as { code?: string; cause?: unknown }
  const inner = Object(cause) as { cause?: unknown }
  // The library wraps its own errors once; what was expected and seen is the cause of the inner one.
  return { ...(code === undefined ? {} : { code }), cause: { ...Object(cause), ...Object(inner.cause) } }
}
