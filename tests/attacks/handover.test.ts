/** A program asks for a session: only one on this computer may, by PKCE, and it learns what became of that. */
import type { LoginReason } from '../../src/cognito/login_reasons.ts'
import { type LoginWorld, login, reachCallback } from '../support/login_world.ts'
import type { Visit } from '../support/visitor.ts'
import { altered } from './callback_case.ts'
import { begin, grantOf, PROGRAM, REQUEST, reachConsent, STATE } from './handover_case.ts'
import { type LoginCase, runLoginTable } from './login_case.ts'

type Query = Record<string, string>

const MALFORMED: Partial<LoginCase> & Pick<LoginCase, 'status'> = { status: 400, reason: 'request_malformed' }

const asking = (id: string, name: string, query: Query | string): LoginCase => ({
  id,
  name,
  attack: (w, browser) => begin(w, browser, typeof query === 'string' ? query : new URLSearchParams(query)),
  ...MALFORMED,
})

const ELSEWHERE = [
  '',
  '/',
  '/callback',
  'http://127.0.0.1/callback',
  'http://127.0.0.1:41234',
  'http://127.0.0.1:41234/',
  'http://127.0.0.1:41234/callback/',
  'http://127.0.0.1:41234/callback?x',
  'http://127.0.0.1:41234/callback#x',
  'http://127.0.0.1:41234/Callback',
  'http://127.0.0.1:41234//callback',
  'http://127.0.0.1:41234/x/../callback',
  'http://127.0.0.1:41234/%63allback',
  'https://127.0.0.1:41234/callback',
  'HTTP://127.0.0.1:41234/callback',
  'http://127.0.0.1:0/callback',
  'http://127.0.0.1:041234/callback',
  'http://127.0.0.1:65536/callback',
  'http://127.0.0.1:99999/callback',
  'http://127.0.0.1:412345/callback',
  'http://127.0.0.2:41234/callback',
  'http://127.1:41234/callback',
  'http://2130706433:41234/callback',
  'http://0.0.0.0:41234/callback',
  'http://[::]:41234/callback',
  'http://[::ffff:127.0.0.1]:41234/callback',
  'http://LOCALHOST:41234/callback',
  'http://localhost.:41234/callback',
  'http://localhost.evil.example:41234/callback',
  'http://evil.example:41234/callback',
  'http://127.0.0.1@evil.example:41234/callback',
  'http://127.0.0.1:41234@evil.example/callback',
  'http://x@127.0.0.1:41234/callback',
  'http://evil.example/http://127.0.0.1:41234/callback',
  'http:\\\\127.0.0.1:41234/callback',
  ' http://127.0.0.1:41234/callback',
  'http://127.0.0.1:41234/callback ',
  'http://127.0.0.1:41234/callback\n',
  'http://127.0.0.1:41234/callback\r\nSet-Cookie: x=y',
  'http://127.0.0.1:41234\t/callback',
  'javascript://127.0.0.1:41234/callback',
  'app://127.0.0.1:41234/callback',
  'file:///callback',
  '//127.0.0.1:41234/callback',
]

const without = (name: string): Query => Object.fromEntries(Object.entries(REQUEST).filter(([key]) => key !== name))
const twice = (name: keyof typeof REQUEST): string => `${new URLSearchParams(REQUEST)}&${new URLSearchParams({ [name]: REQUEST[name] })}`

const REQUESTS: LoginCase[] = [
  ...ELSEWHERE.map((redirect_uri) => asking('226', `to ${JSON.stringify(redirect_uri)}`, { ...REQUEST, redirect_uri })),
  ...['plain', '', 's256', 'S256 ', 'S512', 'none'].map((method) =>
    asking('212', `by the method ${JSON.stringify(method)}`, { ...REQUEST, code_challenge_method: method }),
  ),
  ...['', 'x', 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}=`, `${'A'.repeat(42)}+`, `${'A'.repeat(43)}\n`].map((challenge) =>
    asking('212', `with the challenge ${JSON.stringify(challenge)}`, { ...REQUEST, code_challenge: challenge }),
  ),
  ...['', 'short', 'x'.repeat(129), `${STATE}<`, `${STATE}\n`, `${STATE}&x=y`, `{"a":"${STATE}"}`].map((state) =>
    asking('209', `with the state ${JSON.stringify(state.slice(0, 60))}`, { ...REQUEST, state }),
  ),
  ...['redirect_uri', 'code_challenge_method', 'state'].map((name) => asking('212', `without ${name}`, without(name))),
  ...(['redirect_uri', 'code_challenge', 'code_challenge_method', 'state'] as const).map((name) =>
    asking('212', `with ${name} twice`, twice(name)),
  ),
  {
    id: '212',
    name: 'without a challenge it is no program: the browser is signed in, and not sent to where it asked',
    attack: (w, browser) => login(w, browser, 'rosa', without('code_challenge')),
    status: 302,
    location: '/oauth2/',
    cookies: ['-login', 'session'],
    exchanges: 1,
    session: 'rosa',
  },
  ...['http://localhost:41234/callback', 'http://127.0.0.1:1/callback', 'http://127.0.0.1:65535/callback'].map(
    (redirect_uri): LoginCase => ({
      id: '226',
      name: `${redirect_uri} may be asked for, and makes no session in the browser`,
      attack: (w, browser) => reachConsent(w, browser, 'rosa', { ...REQUEST, redirect_uri }),
      status: 200,
      cookies: ['-login'],
      exchanges: 1,
      shows: true,
      check: ({ body, headers }) => {
        const { origin, host } = new URL(redirect_uri)
        const forms = /form-action ([^;]*)/.exec(headers['content-security-policy']?.[0] ?? '')?.[1]
        if (forms !== `'self' ${origin}`) return `forms may go to ${forms}`
        return body.includes(host) && body.includes('rosa') && grantOf({ body } as Visit) !== '' ? undefined : 'it does not say who asks'
      },
    }),
  ),
]

const back =
  (error: LoginReason, program: string = PROGRAM) =>
  (location: string, { url }: LoginWorld): boolean =>
    location === `${program}?${new URLSearchParams({ error, state: STATE, iss: url })}`

const failing = (error: string, description: string, reason: LoginReason): LoginCase => ({
  id: '215',
  name: `${error} of the pool, ${description.slice(0, 20)}, is told to the program as ${reason}`,
  attack: async (w, browser) => {
    const url = await reachCallback(w, browser, 'rosa', REQUEST)
    return browser.get(altered(url, { code: null, error, error_description: description }))
  },
  status: 302,
  location: back(reason),
  cookies: ['-login'],
  reason,
  shows: true,
})

const FAILURES: LoginCase[] = [
  failing('access_denied', '<script>alert(1)</script>', 'access_denied'),
  failing('invalid_request', 'invalid_scope', 'invalid_scope'),
  failing('server_error', '', 'cognito_failed'),
  failing('x&state=evil&code=evil', '"', 'login_refused'),
  {
    id: '46',
    name: 'a user named like an app client gets none for a program either',
    attack: async (w, browser) => browser.get((await reachCallback(w, browser, 'agent', REQUEST)).href),
    status: 302,
    location: back('user_not_allowed'),
    cookies: ['-login'],
    exchanges: 1,
    reason: 'user_not_allowed',
  },
  {
    id: '209',
    name: 'a wrong state of the pool is told to nobody',
    attack: async (w, browser) => browser.get(altered(await reachCallback(w, browser, 'rosa', REQUEST), { state: STATE })),
    status: 400,
    reason: 'login_unknown',
  },
]

runLoginTable('a program that asks for a session', [...REQUESTS, ...FAILURES])
