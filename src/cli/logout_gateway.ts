/** The end of the saved session at the gateway, and then here. */
import type { Reason } from '../gate/refusal.ts'
import type { Environment } from '../settings.ts'
import { askGateway, type GatewayAnswer, gatewayRefusal, isText } from './ask_gateway.ts'
import { cookieFile, forgetCookie, readCookie, type SavedCookie } from './cookie_file.ts'
import { cookieHeader } from './cookie_header.ts'
import { CommandError } from './exit.ts'
import { type GatewaySettings, readGatewaySettings } from './settings.ts'
import { clean, nowSeconds, whenInWords } from './words.ts'

/**
 * Ends the session.
 * @param local whether the files go although the session does not
 * @returns what to tell
 * @throws {CommandError} when the session was not ended
 */
export async function logout(env: Environment, givenFile: string | undefined, local: boolean): Promise<string> {
  const settings = readGatewaySettings(env)
  const file = cookieFile(givenFile)
  const cookie = readCookie(file)
  if (cookie === null) return `Nobody is signed in: ${file} does not exist.\n`
  try {
    const told = tell(await end(cookie, settings))
    forgetCookie(file)
    return told
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    if (local) forgetCookie(file)
    throw new CommandError(error.exitCode, `${error.message}\n${consequence(cookie, file, local)}`)
  }
}

/** @throws {CommandError} unless the gateway says that the session is over */
async function end(cookie: SavedCookie, settings: GatewaySettings): Promise<GatewayAnswer> {
  const { gateway } = settings
  const answer = await askGateway(gateway, '/oauth2/logout/cognito', {
    method: 'POST',
    headers: { accept: 'application/json', origin: gateway, cookie: cookieHeader(cookie, settings) },
  })
  const ended = answer.status === 200 && isText(answer.body.username)
  const { reason } = answer.body
  const overAlready = answer.status === 401 && OVER.some((one) => one === reason)
  if (ended || overAlready) return answer
  const refusal = gatewayRefusal(gateway, answer)
  const meaning = isText(reason) ? MEANING.get(reason) : undefined
  throw meaning === undefined ? refusal : new CommandError(refusal.exitCode, `${refusal.message}\n${meaning}`)
}

/** The gateway knows the session, and that it is over. */
const OVER: readonly Reason[] = ['session_expired', 'session_ended']

/** What to look at where the gateway does not know the session, which another one may. */
const MEANING: ReadonlyMap<string, string> = new Map<Reason, string>([
  ['session_malformed', 'Another gateway or another SECRET_KEY has sealed it, or the file was changed. Check REGISTRY_URL.'],
  ['no_credentials', 'The gateway looks for a cookie of another name. Check SESSION_COOKIE_NAME.'],
])

function tell({ status, body: { username, logout_url: url } }: GatewayAnswer): string {
  if (status === 401) return 'The session was over already. Its files are removed.\n'
  const browser = isText(url) && /^https?:\/\/[\x21-\x7e]+$/.test(url) ? ` To end that too, open:\n  ${url}` : ''
  return `Signed out ${clean(String(username))}. The session is over, also for copies of it.\nThe browser may still be signed in at Cognito.${browser}\n`
}

function consequence({ expiresAt }: SavedCookie, file: string, local: boolean): string {
  const until = expiresAt === null ? 'it expires' : whenInWords(expiresAt, nowSeconds())
  const files = local ? 'Its files are removed all the same' : `${file} is kept, so that you can try again; --local removes it`
  return `The session was not ended and stays good until ${until}. ${files}.`
}
