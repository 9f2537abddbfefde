/** The page that asks for consent, and the way back from Cognito: in one browser, once, to the client that has asked. */
import { allow, ask, CALLBACK, reachCallback, requestOf, STATE } from '../oauth/client_case.ts'
import { now } from '../support/issuer.ts'
import { type LoginWorld, SESSION, seal, unseal } from '../support/login_world.ts'
import type { Browser, Visit } from '../support/visitor.ts'
import { type LoginCase, runLoginTable } from './login_case.ts'

const CONSENTS = `${SESSION}_clients`
const AGREES = ['clients']

/** The user has read the page, and this happens to its button. */
const consenting = (
  name: string,
  request: (request: string, w: LoginWorld) => string | Promise<string>,
  headers: Record<string, string | null>,
  expected: Partial<LoginCase>,
): LoginCase => ({
  id: '220',
  name: `consent: ${name}`,
  attack: async (w, browser) => allow(w, browser, await request(requestOf(await ask(w, browser)), w), headers),
  status: 403,
  ...expected,
})
const same = (request: string): string => request
const CROSS_SITE: Partial<LoginCase> = { reason: 'cross_site' }
const MALFORMED: Partial<LoginCase> = { status: 400, reason: 'request_malformed' }
const sealedAs =
  (changes: Record<string, unknown>, purpose: 'client_request' | 'client_state' = 'client_request') =>
  async (request: string) => {
    const { request: asked, expiresAt } = (await unseal('client_request', request)) as Record<string, object>
    return seal(purpose, { request: { ...asked, ...changes }, expiresAt })
  }
const late = (seconds: number) => async (request: string) =>
  seal('client_request', { ...(await unseal('client_request', request)), expiresAt: now() - seconds })

const CONSENT: LoginCase[] = [
  consenting(
    'is given',
    same,
    {},
    {
      status: 303,
      cookies: AGREES,
      shows: true,
      location: (location, { domain }) => location.startsWith(`${domain}/oauth2/authorize?`) && !location.includes(STATE),
    },
  ),
  consenting('by another site', same, { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, CROSS_SITE),
  consenting('by a sandbox', same, { origin: 'null', 'sec-fetch-site': 'cross-site' }, CROSS_SITE),
  consenting('by the client itself', same, { origin: 'http://127.0.0.1:41234' }, CROSS_SITE),
  consenting('by a sibling', same, { origin: null, 'sec-fetch-site': 'same-site' }, CROSS_SITE),
  consenting('by nobody who says so', same, { origin: null, 'sec-fetch-site': null }, CROSS_SITE),
  consenting('to nothing', () => '', {}, MALFORMED),
  consenting('to something', () => 'x', {}, MALFORMED),
  consenting('to a changed request', (request) => request.replace(/~2$/, 'x~2'), {}, MALFORMED),
  consenting('to a seal of another purpose', sealedAs({}, 'client_state'), {}, MALFORMED),
  ...[0, 61].map((seconds) => consenting(`${seconds} s after its end`, late(seconds), {}, { status: 400, reason: 'login_expired' })),
  consenting(
    'to a callback that was allowed before',
    sealedAs({ redirectUri: 'https://old.example/cb' }),
    {},
    {
      status: 400,
      reason: 'callback_not_allowed',
    },
  ),
  consenting('to a client that was known before', sealedAs({ clientId: 'old' }), {}, { status: 400, reason: 'client_unknown' }),
]

const clientHears =
  (wanted: Record<string, string>): LoginCase['location'] =>
  (location, { url }) => {
    const { origin, pathname, searchParams } = new URL(location)
    const all = Object.entries({ state: STATE, iss: url, ...wanted })
    return origin + pathname === CALLBACK && all.every(([name, value]) => searchParams.get(name) === value)
  }

/** The user comes back from Cognito, and this happens to the address or to the browser. */
const returning = (
  name: string,
  change: (address: URL, w: LoginWorld, browser: Browser) => URL | Promise<URL> | undefined | Promise<undefined>,
  expected: Partial<LoginCase>,
  other?: (w: LoginWorld) => Browser,
): LoginCase => ({
  id: '209',
  name: `callback: ${name}`,
  attack: async (w, browser): Promise<Visit> => {
    const address = await reachCallback(w, browser)
    const changed = (await change(address, w, browser)) ?? address
    return (other?.(w) ?? browser).get(changed.href)
  },
  status: 400,
  ...expected,
})
const withQuery = (changes: Record<string, string | null>) => (address: URL) => {
  for (const [name, value] of Object.entries(changes))
    value === null ? address.searchParams.delete(name) : address.searchParams.set(name, value)
  return address
}
const UNKNOWN: Partial<LoginCase> = { reason: 'login_unknown' }
const BACK: Partial<LoginCase> = { status: 302, shows: true }
const stateOf = async (address: URL): Promise<Record<string, unknown>> =>
  (await unseal('client_state', address.searchParams.get('state') ?? '')) ?? {}
const resealed = (changes: Record<string, unknown>) => async (address: URL) => {
  address.searchParams.set('state', await seal('client_state', { ...(await stateOf(address)), ...changes }))
  return address
}

const RETURN: LoginCase[] = [
  returning('is good', (address) => address, {
    ...BACK,
    location: (location, world) => /[?&]code=Fe26[^&]+%7E2&/.test(location) && clientHears_(location, world),
  }),
  returning(
    'in another browser',
    (address) => address,
    UNKNOWN,
    (w) => w.browser(),
  ),
  returning(
    'in a browser that has agreed to the same',
    async (address, w, browser) => {
      browser.jar.get('localhost')?.delete(CONSENTS)
      await allow(w, browser, requestOf(await ask(w, browser)))
      return address
    },
    UNKNOWN,
  ),
  returning('without a state', withQuery({ state: null }), UNKNOWN),
  returning('with the state of the client', withQuery({ state: STATE }), UNKNOWN),
  returning('with a changed state', (address) => withQuery({ state: `${address.searchParams.get('state')}x` })(address), UNKNOWN),
  returning(
    'with a state of another purpose',
    async (address) => {
      address.searchParams.set('state', await seal('client_request', await stateOf(address)))
      return address
    },
    UNKNOWN,
  ),
  returning('ten minutes later', resealed({ expiresAt: now() - 1 }), { reason: 'login_expired' }),
  returning(
    'a second time',
    async (address, _w, browser) => {
      await browser.get(address.href)
      return address
    },
    { reason: 'login_used' },
  ),
  returning('from another issuer', withQuery({ iss: 'https://evil.example' }), { reason: 'answer_invalid' }),
  returning('without a code', withQuery({ code: null }), { ...BACK, location: clientHears({ error: 'server_error' }) }),
  returning('with a code of line ends', withQuery({ code: 'a\r\nLocation: //evil.example' }), {
    ...BACK,
    location: clientHears({ error: 'server_error' }),
  }),
  returning('with a code and an error', withQuery({ error: 'access_denied' }), {
    ...BACK,
    location: clientHears({ error: 'access_denied' }),
  }),
  returning('with an error of the scopes', withQuery({ code: null, error: 'invalid_request', error_description: 'invalid_scope' }), {
    ...BACK,
    location: clientHears({ error: 'invalid_scope' }),
  }),
  returning('with an error of markup', withQuery({ code: null, error: '<script>', error_description: '<script>alert(1)</script>' }), {
    ...BACK,
    location: (location, world) => !/%3C|</.test(location) && clientHears_(location, world),
  }),
]

function clientHears_(location: string, world: LoginWorld): boolean {
  return (clientHears({}) as (location: string, world: LoginWorld) => boolean)(location, world)
}

runLoginTable('consent to MCP clients, and the way back', [...CONSENT, ...RETURN])
