/** A person in front of a browser who opens a protected address is asked to sign in; programs and those who are known are not. */
import { sealFor } from '../support/gateway.ts'
import { login, PATHS, SESSION } from '../support/login_world.ts'
import type { Visit } from '../support/visitor.ts'
import { plant } from './callback_case.ts'
import { type LoginCase, runLoginTable } from './login_case.ts'

const HTML = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8'
const signIn = (next: string): string => `/oauth2/?next=${encodeURIComponent(next)}`

type Headers = Record<string, string>

/** Nothing of a request may reach an MCP server here. */
const untouched: LoginCase['check'] = (_answer, { gateway }) => {
  const { length } = [...gateway.currenttime.received, ...gateway.mcpgw.received]
  gateway.reset()
  return length === 0 ? undefined : `${length} requests have reached an MCP server`
}

const asked = (name: string, path: string, next: string, headers: Headers = {}): LoginCase => ({
  id: '217',
  name,
  attack: (w, browser) => browser.get(w.url + path, headers),
  status: 302,
  location: signIn(next),
  check: untouched,
})

const ASKED: LoginCase[] = [
  asked('a browser', '/currenttime/mcp', '/currenttime/mcp'),
  asked('a browser at any path of a server', '/mcpgw/a/b.c/', '/mcpgw/a/b.c/'),
  ...['text/html', 'application/json, text/html', 'text/html;q=0.9', ' text/html', 'x/y,\ttext/html ;v=1', '*/*,text/html'].map((accept) =>
    asked(`Accept: ${JSON.stringify(accept)}`, '/currenttime/mcp', '/currenttime/mcp', { accept }),
  ),
  ...[
    '?a',
    '?a=1&b=%20%2F+x',
    '?next=//evil.example',
    '?a=%0d%0aSet-Cookie:x',
    '?%',
    '?a=%ff',
    '?a="<>\\^`{|}',
    "?'",
    '?a=b=c??',
    '?;',
    '?=&=',
  ].map((query) => asked(`the query ${query}`, `/currenttime/mcp${query}`, `/currenttime/mcp${new URL(query, 'http://x').search}`)),
  asked('an address of 256 characters', `/currenttime/?${'x'.repeat(242)}`, `/currenttime/?${'x'.repeat(242)}`),
  asked('a longer address loses its query', `/currenttime/?${'x'.repeat(243)}`, '/currenttime/'),
  asked('a very long query', `/currenttime/?${'x'.repeat(12_000)}`, '/currenttime/'),
  asked('an Accept of many words', '/currenttime/', '/currenttime/', { accept: `${'a/b,'.repeat(3500)}text/html` }),
  asked('a page that the browser came from', '/currenttime/', '/currenttime/', {
    referer: 'https://evil.example/',
    'sec-fetch-site': 'cross-site',
  }),
  asked('another name', '/currenttime/', '/currenttime/', { host: 'evil.example' }),
  asked('another name of a proxy', '/currenttime/', '/currenttime/', { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' }),
  ...['x', 'Fe26.2**', ''].map(
    (value): LoginCase => ({
      ...asked(`the session ${JSON.stringify(value)}`, '', ''),
      attack: (w, browser) => {
        plant(w, browser, SESSION, value)
        return browser.get(`${w.url}/currenttime/mcp`)
      },
      location: signIn('/currenttime/mcp'),
    }),
  ),
  {
    ...asked('a session that has expired', '', ''),
    attack: async (w, browser) => {
      plant(w, browser, SESSION, await sealFor(['callers'], 'rosa', -1))
      return browser.get(`${w.url}/currenttime/mcp`)
    },
    location: signIn('/currenttime/mcp'),
  },
]

const told = (name: string, status: number, headers: Headers, method = 'GET', path = '/currenttime/mcp'): LoginCase => ({
  id: '217',
  name,
  attack: (w, browser) => browser.send(method, w.url + path, method === 'POST' ? '{}' : '', headers),
  status,
  check: (answer, w, browser) => challenged(answer) ?? untouched(answer, w, browser),
})

const challenged = ({ status, headers }: Visit): string | undefined =>
  status !== 401 || headers['www-authenticate']?.[0]?.startsWith('Bearer ') ? undefined : 'no challenge'

const TOLD: LoginCase[] = [
  ...[
    '*/*',
    'application/json',
    'text/event-stream',
    'application/json, text/event-stream',
    'text/*',
    'text/htmlx',
    'xtext/html',
    'text/html-x',
    'application/xhtml+xml',
    'x/y;v="text/html"',
    'text /html',
    '',
  ].map((accept) => told(`Accept: ${JSON.stringify(accept)}`, 401, { accept })),
  ...['POST', 'DELETE'].map((method) => told(method, 401, { accept: HTML, 'content-type': 'application/json' }, method)),
  ...['Bearer x', 'Basic eDp5', 'x', ':text/html,', ': text/html;', 'GET text/html,', '  GET text/html,', 'x:GET::text/html'].map(
    (authorization) => told(`Authorization: ${authorization}`, 401, { accept: HTML, authorization }),
  ),
  told('HEAD', 405, {}, 'HEAD'),
  told('an address that is not literal', 400, {}, 'GET', '/currenttime/%6dcp'),
  told('an address with a parameter in its path', 400, {}, 'GET', '/currenttime/a;b/mcp'),
  told('no server', 404, {}, 'GET', '/nothing/'),
  told('a page of another site', 403, { origin: 'https://evil.example' }),
]

/** Somebody who is signed in. */
const reset: LoginCase['check'] = (_answer, { gateway }) => gateway.reset()
const known = (name: string, path: string, status: number, user = 'rosa', headers: Headers = {}): LoginCase => ({
  id: '217',
  name,
  attack: async (w, browser) => {
    await login(w, browser, user)
    return browser.get(w.url + path, headers)
  },
  status,
  exchanges: 1,
  session: user,
})

const KNOWN: LoginCase[] = [
  { ...known('signed in and allowed', '/currenttime/mcp', 200), check: reset },
  { ...known('signed in and not allowed here', '/mcpgw/mcp', 403), check: untouched },
  { ...known('signed in and allowed nothing', '/currenttime/mcp', 403, 'nobody'), check: untouched },
  {
    ...known('signed in, from a page of another site', '/currenttime/mcp', 403, 'rosa', { origin: 'https://evil.example' }),
    check: untouched,
  },
  {
    id: '217',
    name: 'the whole way: asked, signed in, brought back to the very address',
    attack: async (w, browser) => {
      const path = '/currenttime/mcp?a=1&b=%20%2F+x'
      const first = await browser.get(w.url + path)
      const page = await browser.get(w.url + first.location)
      const link = /href="(\/oauth2\/login\/cognito[^"]*)"/.exec(page.body)?.[1] ?? ''
      const { searchParams, pathname } = new URL(link.replaceAll('&amp;', '&'), w.url)
      return pathname === PATHS.login ? login(w, browser, 'rosa', Object.fromEntries(searchParams)) : page
    },
    status: 302,
    location: '/currenttime/mcp?a=1&b=%20%2F+x',
    cookies: ['-login', 'session'],
    exchanges: 1,
    session: 'rosa',
  },
]

runLoginTable('a browser at a protected address', [...ASKED, ...TOLD, ...KNOWN])
