/** How a browser is answered: pages with their headers, and every way in which a login ends without a session. */
import type { Context } from 'hono'
import type { LoginFailure } from '../cognito/login_failure.ts'
import { type LoginReason, loginEnd } from '../cognito/login_reasons.ts'
import { ErrorPage } from './pages/error.tsx'
import { type Page, page } from './pages/layout.tsx'
import type { LoginService } from './service.ts'

/**
 * Answers with a page. Nothing in it may come from elsewhere, run inline or be framed (CSP 3).
 * @param formTargets origins to which a form's answer may redirect, besides this one: browsers hold redirects to `form-action` too.
 *   `anywhere` where these cannot be told before, such as identity providers behind Cognito
 */
export async function answerPage(
  c: Context,
  content: Page,
  status: 200 | 400 | 403 | 404 | 502 | 503 = 200,
  formTargets: readonly string[] | 'anywhere' = [],
) {
  c.header('Content-Security-Policy', contentSecurityPolicy(formTargets))
  return c.html(await page(content), status)
}

const contentSecurityPolicy = (formTargets: readonly string[] | 'anywhere'): string =>
  [
    "default-src 'none'",
    "style-src 'self'",
    "script-src 'self'",
    'img-src data:',
    ...(formTargets === 'anywhere' ? [] : [`form-action ${["'self'", ...formTargets].join(' ')}`]),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

const TITLES: Partial<Record<LoginReason, string>> = {
  cross_site: 'Nothing was done',
  redirect_not_allowed: 'Not an address of this gateway',
  login_used: 'Signed in already',
}

/** Longest text of Cognito's that is shown, in characters. */
const LONGEST = 300

/** Whether a program asks, and no browser. */
export const wantsJson = (c: Context): boolean => c.req.header('accept')?.includes('application/json') === true

/** Says why there is no session, to the user by a page and to the operator by a line in the log. */
export function answerFailure(c: Context, service: LoginService, { reason, said, detail }: LoginFailure) {
  const { status, happened, advice } = loginEnd(reason)
  const requestId = c.req.header('x-request-id')
  service.log.warn({ reason, detail: detail?.slice(0, LONGEST), request_id: requestId?.slice(0, 128) }, 'login failed')
  if (wantsJson(c)) return c.json({ reason, message: `${happened} ${advice}` }, status)
  const quoted = said === undefined ? '' : ` Cognito says: “${said.slice(0, LONGEST)}”`
  const title = TITLES[reason] ?? 'Not signed in'
  return answerPage(c, ErrorPage({ title, happened: happened + quoted, advice, ...(requestId && { requestId }) }), status)
}

/**
 * Whether a request was sent by a page of this gateway, or by a program that says so. Browsers always add `Origin` to a POST
 * (Fetch standard, section "append a request Origin header"); no page can forge it.
 */
export function isOwn(c: Context, { gateway }: LoginService): boolean {
  const origin = c.req.header('origin')
  return origin === undefined ? c.req.header('sec-fetch-site') === 'same-origin' : origin === gateway
}
