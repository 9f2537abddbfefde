/** The page that asks whether a program may have a session: only its own button counts, once, for five minutes. */
import { now } from '../support/issuer.ts'
import { seal, unseal } from '../support/login_world.ts'
import type { Visit } from '../support/visitor.ts'
import { allow, grantOf, PROGRAM, reachConsent, STATE } from './handover_case.ts'
import { type LoginCase, runLoginTable } from './login_case.ts'

const MALFORMED: Partial<LoginCase> = { status: 400, reason: 'request_malformed' }

/** Rosa has read the page, and this happens to its grant. */
const consenting = (
  name: string,
  grant: (grant: string) => string | Promise<string>,
  headers: Record<string, string | null>,
  expected: Partial<LoginCase>,
): LoginCase => ({
  id: '220',
  name,
  attack: async (w, browser) => {
    const text = await grant(grantOf(await reachConsent(w, browser)))
    return allow(w, browser, text, headers)
  },
  status: 403,
  exchanges: 1,
  ...expected,
})
const same = (grant: string): string => grant
const CROSS_SITE: Partial<LoginCase> = { reason: 'cross_site' }
const EXPIRED: Partial<LoginCase> = { status: 400, reason: 'login_expired' }
const changed = (seconds: number) => async (grant: string) =>
  seal('handover_request', { ...(await unseal('handover_request', grant)), expiresAt: now() - seconds })

const CONSENT: LoginCase[] = [
  consenting(
    'consent',
    same,
    {},
    {
      status: 303,
      shows: true,
      location: (location, { url }) => {
        const { origin, pathname, searchParams } = new URL(location)
        return (
          origin + pathname === PROGRAM &&
          [...searchParams.keys()].join() === 'code,state,iss' &&
          searchParams.get('state') === STATE &&
          searchParams.get('iss') === url
        )
      },
    },
  ),
  consenting('consent by another site', same, { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, CROSS_SITE),
  consenting('consent by a sandbox', same, { origin: 'null', 'sec-fetch-site': 'cross-site' }, CROSS_SITE),
  consenting('consent by the program itself', same, { origin: 'http://127.0.0.1:41234' }, CROSS_SITE),
  consenting('consent by nobody who says so', same, { origin: null, 'sec-fetch-site': null }, CROSS_SITE),
  consenting('consent by a sibling', same, { origin: null, 'sec-fetch-site': 'same-site' }, CROSS_SITE),
  consenting('consent to nothing', () => '', {}, MALFORMED),
  consenting('consent to something', () => 'x', {}, MALFORMED),
  consenting('consent to a changed request', (grant) => grant.replace(/~2$/, 'x~2'), {}, MALFORMED),
  ...[0, 1, 61].map((seconds) => consenting(`consent ${seconds} s after the end of the five minutes`, changed(seconds), {}, EXPIRED)),
  {
    id: '210',
    name: 'consent a second time',
    attack: async (w, browser) => {
      const grant = grantOf(await reachConsent(w, browser))
      await allow(w, browser, grant)
      return allow(w, browser, grant)
    },
    status: 400,
    exchanges: 1,
    reason: 'login_used',
  },
  {
    id: '210',
    name: 'consent eight times at once, of which one counts',
    attack: async (w, browser) => {
      const grant = grantOf(await reachConsent(w, browser))
      const answers = await Promise.all(Array.from({ length: 8 }, () => allow(w, browser, grant)))
      return {
        ...(answers.find(({ status }) => status !== 303) as Visit),
        body: String(answers.filter(({ status }) => status === 303).length),
      }
    },
    status: 400,
    exchanges: 1,
    check: ({ body }) => (body === '1' ? undefined : `${body} counted`),
  },
]

runLoginTable('consent to a program', CONSENT)
