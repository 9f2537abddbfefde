/** The login of those who have no SECRET_KEY: the gateway logs the user in and hands the session over (RFC 8252 with PKCE, RFC 7636). */
import { createHash, randomBytes } from 'node:crypto'
import { compareCode } from '../login/compare_code.ts'
import { askGateway, GatewayAway, gatewayRefusal, isListOfTexts, isText, isTime } from './ask_gateway.ts'
import { isCookieName, isCookieValue } from './cookie_file.ts'
import { CommandError, EXIT } from './exit.ts'
import type { Attempt, SignedIn } from './login_attempt.ts'
import { isLoginReason, loginError } from './login_error.ts'
import { listenLoopback } from './loopback.ts'
import { clean } from './words.ts'

const random = (): string => randomBytes(32).toString('base64url')

/** Listens for the gateway's answer and gives the address where it lets users in. */
export async function beginGatewayLogin(gateway: string, port = 0): Promise<Attempt> {
  const verifier = random()
  const state = random()
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const loopback = await listenLoopback({ host: '127.0.0.1', port, state })
  const { redirectUri } = loopback
  const query = new URLSearchParams({ redirect_uri: redirectUri, code_challenge: challenge, code_challenge_method: 'S256', state })
  return {
    url: `${gateway}/oauth2/login/cognito?${query}`,
    loopback,
    note: `Compare: the page in the browser must show ${compareCode(challenge)}`,
    hint: `If the browser shows an error page, REGISTRY_URL may not be the address that the gateway at ${gateway} is configured with.`,
    complete: async (answer) => fetchSession(gateway, codeOf(answer, gateway), verifier, redirectUri),
  }
}

/** RFC 6749 section 4.1.2; `iss` (RFC 9207) tells that the code is of this gateway before it is sent there. */
function codeOf({ searchParams }: URL, gateway: string): string {
  const one = (name: string): string | undefined => {
    const values = searchParams.getAll(name)
    return values.length === 1 ? values[0] : undefined
  }
  const error = one('error')
  if (error !== undefined) throw isLoginReason(error) ? loginError(error) : refused(error)
  const code = one('code')
  if (code && one('iss') === gateway) return code
  throw new CommandError(
    EXIT.failed,
    `What came back does not look like an answer of ${gateway}. Set REGISTRY_URL to the address that the gateway is configured with.`,
  )
}

const refused = (reason: string): CommandError =>
  new CommandError(EXIT.refused, `The gateway refused the login: "${clean(reason)}". Log in again.`)

async function fetchSession(gateway: string, code: string, verifier: string, redirectUri: string): Promise<SignedIn> {
  const form = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: redirectUri }
  const answer = await askGateway(gateway, '/oauth2/session', {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams(form),
  })
  if (answer.status !== 200) throw gatewayRefusal(gateway, answer)
  const { cookie_name: name, cookie: value, username, groups, expires_at: expiresAt } = answer.body
  const isCookie = isText(name) && isCookieName(name) && isText(value) && isCookieValue(value)
  if (!isCookie || !isText(username) || !isListOfTexts(groups) || !isTime(expiresAt)) throw new GatewayAway(gateway, 'not a session')
  return { gateway, name, value, username, groups, expiresAt: Math.floor(expiresAt) }
}
