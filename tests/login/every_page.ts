/** Each page, with one text in every place that somebody else fills in. */
import type { Access, Right } from '../../src/login/access.ts'
import { AccessPage } from '../../src/login/pages/access.tsx'
import { ErrorPage } from '../../src/login/pages/error.tsx'
import { HandoverPage } from '../../src/login/pages/handover.tsx'
import { page } from '../../src/login/pages/layout.tsx'
import { LogoutPage } from '../../src/login/pages/logout.tsx'
import { SignInPage } from '../../src/login/pages/sign_in.tsx'
import { SignedOutPage } from '../../src/login/pages/signed_out.tsx'
import { ConsentPage } from '../../src/oauth/pages/consent.tsx'

export const GATEWAY = 'https://mcp.example.com'
export const PROGRAM = 'http://127.0.0.1:41234/callback'
export const COOKIE = '__Host-mcp_gateway_session'

export const accessPage = (access: Access): string => text(page(AccessPage({ access, gateway: GATEWAY, cookieName: COOKIE })))
export const signInPage = (next: string | null, available = true, notice: string | null = null): string =>
  text(page(SignInPage({ next, available, notice })))
export const logoutPage = (user: string, next: string | null = null): string => text(page(LogoutPage({ user, next })))
export const signedOutPage = (): string => text(page(SignedOutPage()))
export const errorPage = (value: string, requestId?: string): string =>
  text(page(ErrorPage({ title: value, happened: value, advice: value, ...(requestId === undefined ? {} : { requestId }) })))
export const handoverPage = (value: string): string =>
  text(
    page(HandoverPage({ user: value, address: value, code: value, grant: value, cancel: `${PROGRAM}?error=${encodeURIComponent(value)}` })),
  )

const CANCEL = `${PROGRAM}?error=access_denied`
type Consent = Parameters<typeof ConsentPage>[0]
export const consentPage = (value: string, changes: Partial<Consent> = {}): string => {
  const asked = { name: value, known: null, vouchedBy: null, place: value, server: value, bound: true, scopes: [value, value] }
  return text(page(ConsentPage({ ...asked, kind: 'computer', request: value, cancel: CANCEL, ...changes })))
}

/** No page waits for anything, so none of them is a promise. */
function text(rendered: string | Promise<string>): string {
  if (typeof rendered !== 'string') throw new Error('the page is a promise')
  return rendered
}

export const NOBODY: Access = { user: 'carol', groups: [], scopes: [], endsAt: 28_799, now: 0, servers: [], everyServer: [] }

const rights = (name: string, count = 1): Right[] =>
  (['method', 'tool', 'prompt', 'resource'] as const).flatMap((kind) => [
    { kind, name: '*', because: [{ scope: name, groups: [name, name] }] },
    ...Array.from({ length: count }, () => ({ kind, name, because: [{ scope: name, groups: [name] }] })),
  ])

export const fullAccess = (name: string): Access => ({
  user: name,
  groups: [
    { name, mapped: true, scopes: [name] },
    { name, mapped: true, scopes: [] },
    { name, mapped: false, scopes: [] },
  ],
  scopes: [name],
  endsAt: 28_799,
  now: 0,
  servers: Array.from({ length: 5 }, (_, index) => ({ name, url: `${GATEWAY}/${index}/mcp`, rights: rights(name, index * 10) })),
  everyServer: rights(name),
})

/** Every page in every shape, by a name for messages. */
export const everyPage = (value: string): [string, string][] => [
  ['sign in', signInPage(null)],
  ['sign in and go on', signInPage(value)],
  ['sign in, not set up', signInPage(null, false)],
  ['signed out', signedOutPage()],
  ['sign in again', signInPage(null, true, value)],
  ['sign out', logoutPage(value)],
  ['sign out and go on', logoutPage(value, value)],
  ['error', errorPage(value)],
  ['error with a request', errorPage(value, value)],
  ['handover', handoverPage(value)],
  ['consent', consentPage(value)],
  ['consent to a nameless client', consentPage(value, { name: null, scopes: [], bound: false, server: null })],
  ['consent to a described client', consentPage(value, { kind: 'web', vouchedBy: value })],
  ['consent to a known client', consentPage(value, { kind: 'web', known: value })],
  ['access', accessPage(fullAccess(value))],
  ['access to one server', accessPage({ ...fullAccess(value), servers: fullAccess(value).servers.slice(0, 1), everyServer: [] })],
  ['access to every server', accessPage({ ...fullAccess(value), servers: [] })],
  ['access to nothing', accessPage({ ...fullAccess(value), servers: [], everyServer: [] })],
  ['no group', accessPage({ ...NOBODY, user: value })],
]
