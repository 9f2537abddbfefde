/**
 * What the user of this browser has agreed to. One app client stands for all MCP clients, so Cognito cannot ask for each of them, and a
 * login there that is still fresh would give any of them tokens without a word (MCP, security best practices, confused deputy).
 */
import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import { consentCookie, putCookie } from '../login/cookies.ts'
import type { ClientRequest } from './authorize_request.ts'
import { newBrowserId } from './flow.ts'
import { isOfOneSite } from './known_clients.ts'
import type { OAuthService } from './service.ts'

type Asked = Pick<ClientRequest, 'clientId' | 'redirectUri' | 'scopes' | 'resource'>

interface Consents {
  /** A secret of this browser's. */
  browser: string
  /** Digest of what was agreed to, and until when (seconds since 1970). */
  agreed: [string, number][]
}

/** Seconds. */
const REMEMBERED = 30 * 86_400
/** Any program on a computer can take another one's loopback port or scheme (RFC 8252 section 8.6), so it is asked again soon. */
const REMEMBERED_LOCAL = 3600
const MOST = 24

/** Everything that the page has shown: more scopes, or tokens that are good for more servers, are asked for again. */
function digest({ clientId, redirectUri, scopes, resource }: Asked, { mcp }: OAuthService): string {
  const shown = [clientId, redirectUri, scopes, mcp?.resourceBinding === true ? resource : null]
  return createHash('sha256').update(JSON.stringify(shown)).digest('base64url').slice(0, 16)
}

export async function readConsents(c: Context, service: OAuthService): Promise<Consents | null> {
  const data = (await service.sealer.open('client_consent', getCookie(c, consentCookie(service)) ?? '')) as unknown as Consents | null
  return data === null ? null : { ...data, agreed: data.agreed.filter(([, until]) => service.now() < until) }
}

export const hasAgreed = (consents: Consents | null, asked: Asked, service: OAuthService): boolean =>
  consents?.agreed.some(([one]) => one === digest(asked, service)) === true

async function keep(c: Context, service: OAuthService, consents: Consents): Promise<void> {
  putCookie(c, service, consentCookie(service), await service.sealer.seal('client_consent', { ...consents }), REMEMBERED)
}

/** Gives this browser its secret as soon as it is asked, so that several clients that ask at once find the same one. */
export async function greet(c: Context, service: OAuthService, consents: Consents | null): Promise<void> {
  if (consents === null) await keep(c, service, { browser: newBrowserId(), agreed: [] })
}

/** Takes note that the user agrees. Gives the browser's secret. */
export async function remember(c: Context, service: OAuthService, asked: Asked): Promise<string> {
  const { browser, agreed } = (await readConsents(c, service)) ?? { browser: newBrowserId(), agreed: [] }
  const life = isOfOneSite(asked.redirectUri) ? REMEMBERED : REMEMBERED_LOCAL
  const mark = digest(asked, service)
  const others = agreed.filter(([one]) => one !== mark).slice(1 - MOST)
  await keep(c, service, { browser, agreed: [...others, [mark, service.now() + life]] })
  return browser
}
