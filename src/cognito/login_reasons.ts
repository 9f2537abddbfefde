/** Every way in which a login ends without a session: what happened, in a sentence, and what to do. */

interface LoginEnd {
  /** For a browser. */
  status: 400 | 403 | 502 | 503
  happened: string
  advice: string
}

const AGAIN = 'Sign in again.'
const OPERATOR = 'Tell whoever runs this gateway.'

export const LOGIN_REASONS = {
  // From Cognito, by way of the browser (RFC 6749 section 4.1.2.1).
  access_denied: {
    status: 400,
    happened: 'Cognito did not let you in, or the login was cancelled.',
    advice: `${AGAIN} If it happens each time, an administrator has to look at your user in the user pool.`,
  },
  invalid_scope: {
    status: 400,
    happened: 'The app client may not ask for one of the OpenID scopes that the login asks for.',
    advice: 'In Cognito, allow the app client openid, email and profile, or set LOGIN_SCOPES to what it is allowed.',
  },
  unauthorized_client: {
    status: 400,
    happened: 'The app client may not use the authorization code grant.',
    advice: 'In Cognito, switch that grant on for the app client in COGNITO_CLIENT_ID.',
  },
  login_refused: { status: 400, happened: 'Cognito refused the login.', advice: `${AGAIN} If it happens each time, ${lower(OPERATOR)}` },
  cognito_failed: { status: 502, happened: 'Cognito reported a failure of its own.', advice: 'Try again in a minute.' },
  answer_invalid: {
    status: 400,
    happened: 'What came back does not look like an answer of Cognito to this login.',
    advice: `${AGAIN} If it happens each time, ${lower(OPERATOR)}`,
  },
  // From Cognito's token endpoint.
  invalid_client: {
    status: 502,
    happened: 'Cognito does not accept the app client: COGNITO_CLIENT_ID or COGNITO_CLIENT_SECRET is wrong, or one is of another pool.',
    advice: 'Copy both from the app client in Cognito. A public client has no secret: leave COGNITO_CLIENT_SECRET out.',
  },
  invalid_grant: {
    status: 400,
    happened: 'Cognito did not accept the code of this login: it is used up, or older than five minutes.',
    advice: AGAIN,
  },
  cognito_unreachable: {
    status: 502,
    happened: 'Cognito gave no usable answer when the login was to be completed.',
    advice: 'Try again. If it happens each time, COGNITO_DOMAIN may be wrong, or the network may not let the request through.',
  },
  // What its tokens say.
  clock: {
    status: 502,
    happened: 'According to the clock here the tokens of this login are not valid yet, or not valid any more.',
    advice: 'Set the clock of this machine right: it is minutes off.',
  },
  token_invalid: {
    status: 502,
    happened: 'The tokens of this login could not be verified.',
    advice:
      'Check that COGNITO_USER_POOL_ID, COGNITO_CLIENT_ID and COGNITO_DOMAIN belong to one user pool, and COGNITO_ISSUER if it is set.',
  },
  keys_unavailable: {
    status: 503,
    happened: 'The signing keys of the user pool are not at hand, so nobody can be recognised.',
    advice: 'Try again shortly.',
  },
  user_not_allowed: {
    status: 403,
    happened: 'Your user name is the id of an app client, so it could be taken for that agent.',
    advice: 'Sign in as another user.',
  },
  session_too_large: {
    status: 403,
    happened: 'You are in more groups than a session can hold.',
    advice: `${OPERATOR} About 200 groups that scopes.yml knows are possible.`,
  },
  // What the gateway itself finds.
  login_unknown: {
    status: 400,
    happened: 'This browser has no such login under way: it was begun elsewhere, at another address of the gateway, or is over.',
    advice: `${AGAIN} Open the gateway at the address that it is configured with, and allow it cookies.`,
  },
  login_expired: { status: 400, happened: 'The login took longer than ten minutes.', advice: AGAIN },
  login_used: {
    status: 400,
    happened: 'This login was completed already.',
    advice: 'Go to the start page; sign in again if it asks you to.',
  },
  login_not_available: {
    status: 503,
    happened: 'Sign-in is not set up on this gateway.',
    advice: 'Set COGNITO_CLIENT_ID to an app client with the authorization code grant, and COGNITO_DOMAIN.',
  },
  cross_site: {
    status: 403,
    happened: 'This request was not sent by a page of this gateway, so nothing was done.',
    advice: 'Go to the start page and use the button there. Open the gateway at the address that it is configured with.',
  },
  redirect_not_allowed: {
    status: 400,
    happened: 'The address to go to afterwards is not one of this gateway.',
    advice: 'Leave redirect_uri out, or give a plain path on this gateway.',
  },
  request_malformed: {
    status: 400,
    happened: 'A parameter of this request is missing or wrong.',
    advice: 'Start again from the beginning.',
  },
  // Of an MCP client, which is not told where it cannot be trusted to be the one that it says (RFC 6749 section 4.1.2.1).
  client_unknown: {
    status: 400,
    happened: 'The MCP client has named itself by an id that this gateway has not given it.',
    advice: 'Remove this server from the client and add it again, so that it registers anew.',
  },
  client_document: {
    status: 400,
    happened: 'The MCP client has named itself by a document that this gateway cannot fetch, or does not accept.',
    advice: `${OPERATOR} The log says why; MCP_CLIENT_HOSTS says whose documents count.`,
  },
  callback_not_allowed: {
    status: 400,
    happened: 'The MCP client asks for the answer at an address that this gateway does not know, so it gets none.',
    advice: `If you trust the client, ${lower(OPERATOR)} MCP_REDIRECT_URIS lists the addresses that are allowed.`,
  },
  policy_unavailable: {
    status: 503,
    happened: 'The policy is not at hand, so it cannot be said what you may do.',
    advice: 'Try again shortly.',
  },
  busy: {
    status: 503,
    happened: 'Too many people are looking at this page right now.',
    advice: 'Try again in a moment.',
  },
  store_unavailable: {
    status: 503,
    happened: 'The session store does not answer, so it cannot be known which sessions have ended.',
    advice: 'Try again shortly.',
  },
} as const satisfies Record<string, LoginEnd>

/** Stable names, for logs, tests and exit codes. */
export type LoginReason = keyof typeof LOGIN_REASONS

export const loginEnd = (reason: LoginReason): LoginEnd => LOGIN_REASONS[reason]

function lower(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1)
}
