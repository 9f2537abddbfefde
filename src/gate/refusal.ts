/** Every way to say no: a stable reason, the status that NGINX passes on, and one sentence for a person. */

/** RFC 6750 section 3.1 and the two answers that are not the caller's fault. */
interface Refusal {
  status: 401 | 403 | 500 | 503
  /** `error` of the challenge; null where none was asked for (RFC 6750 section 3: no credentials, no error code). */
  error: 'invalid_request' | 'invalid_token' | 'insufficient_scope' | null
  /** Plain ASCII without quotes or backslashes: it travels in headers and inside JSON strings. */
  message: string
}

const invalidToken = (message: string): Refusal => ({ status: 401, error: 'invalid_token', message })
const forbidden = (message: string): Refusal => ({ status: 403, error: 'insufficient_scope', message })

export const REFUSALS = {
  no_credentials: {
    status: 401,
    error: null,
    message: 'Send a Cognito access token as Authorization: Bearer TOKEN, or sign in for a session cookie.',
  },
  authorization_malformed: {
    status: 401,
    error: 'invalid_request',
    message: 'The Authorization header must be the word Bearer, one space and one access token.',
  },
  token_too_large: invalidToken('The access token is longer than 8192 characters.'),
  token_malformed: invalidToken('The access token is not a well-formed signed JWT.'),
  token_header: invalidToken('The access token header must hold alg RS256 and a kid, and nothing else but typ JWT.'),
  token_issuer: invalidToken('The access token was not issued by a user pool that this gateway trusts.'),
  token_key: invalidToken('The access token is signed with a key that its user pool does not publish.'),
  token_signature: invalidToken('The signature of the access token does not verify.'),
  token_expired: invalidToken('The access token has expired. Get a new one.'),
  token_not_yet_valid: invalidToken('The access token is not valid yet. Check the clocks.'),
  token_lifetime: invalidToken('The access token is valid for longer than 24 hours, which Cognito never issues.'),
  token_use: invalidToken('This is not an access token. Send the access token, not the ID token.'),
  token_client: invalidToken('The access token belongs to an app client that this gateway does not accept.'),
  token_audience: invalidToken('The access token is bound to another resource than this gateway and server.'),
  token_claims: invalidToken('A claim of the access token is missing or has the wrong type.'),
  session_duplicated: invalidToken(
    'The session cookie was sent more than once. Remove the cookies of this site and of its parent domains, then sign in again.',
  ),
  session_malformed: invalidToken('The session cookie cannot be opened: it was changed, or sealed with another SECRET_KEY.'),
  session_expired: invalidToken('The session has expired. Sign in again.'),
  session_ended: invalidToken('The session was ended by signing out or by an operator. Sign in again.'),
  origin_not_allowed: { status: 403, error: null, message: 'Requests from the web origin in the Origin header are not allowed.' },
  server_not_allowed: forbidden('You may not use this MCP server.'),
  method_not_allowed: forbidden('You may not use this MCP method on this server.'),
  name_not_allowed: forbidden('You may not use this tool, prompt or resource on this server.'),
  question_malformed: { status: 500, error: null, message: 'NGINX asked without the headers of the contract. Check its configuration.' },
  keys_unavailable: { status: 503, error: null, message: 'The signing keys of the user pool are not at hand. Try again shortly.' },
  policy_unavailable: { status: 503, error: null, message: 'The policy is not at hand. Try again shortly.' },
  session_store_unavailable: {
    status: 503,
    error: null,
    message: 'It cannot be known now which sessions have ended. Try again shortly.',
  },
  internal_error: { status: 500, error: null, message: 'The validator failed to decide.' },
} as const satisfies Record<string, Refusal>

/** Stable names of refusals, for clients, logs and tests. */
export type Reason = keyof typeof REFUSALS

export const refusal = (reason: Reason): Refusal => REFUSALS[reason]
