/** Where browsers and clients may be sent, beside the platform's URL, which reads as browsers do (WHATWG URL). */
import gate from '../../nginx/gatehouse/gate.js'
import { localPath } from '../../src/login/local_path.ts'
import { isLoopback, isRedirectUri, isSameRedirect, withAnswer } from '../../src/oauth/redirect_uri.ts'
import { formsOf, GATEWAY, objection, PIECES } from '../login/local_path_oracle.ts'
import type { Random } from '../support/random.ts'
import { drawn } from './drawn.ts'
import { joined, mutated } from './pieces.ts'
import { fuzzing } from './property.ts'

const tests = fuzzing('redirects')

tests.property('no path leads a browser away after the login', {
  from: drawn((random) => (random.once(3) ? '' : '/') + joined(random, PIECES, 8)),
  noted: 0.01,
  objection: (text, note) => {
    for (const form of formsOf(text)) {
      const wrong = objection(form)
      if (wrong !== '') return wrong
    }
    if (localPath(text, GATEWAY) !== null) note()
    return ''
  },
})

const URIS = [
  'https://app.example.com/cb',
  'http://127.0.0.1:4711/cb?x=1',
  'http://localhost/',
  'http://[::1]:80/cb',
  'cursor://anysphere.cursor-mcp/cb',
  'com.example.app:/cb',
]
const PARTS = [
  ...[
    'https:',
    'http:',
    '//',
    '/',
    '\\',
    '@',
    ':',
    '?',
    '#',
    '&',
    '=',
    '%',
    '%2e',
    '%2F',
    '%5c',
    '%00',
    '..',
    '.',
    ';',
    '[',
    ']',
    ' ',
    '\t',
    '\n',
    '\0',
  ],
  ...[
    '127.0.0.1',
    'localhost',
    '[::1]',
    '[::ffff:7f00:1]',
    '127.1',
    '0x7f.1',
    '0',
    ':80',
    ':443',
    ':0',
    ':65536',
    'evil.example',
    'user@',
    'javascript:',
    'data:',
    'file:',
  ],
  ...['\u3002', '\uff0f', '\u2044', '\u00ad', 'xn--', '\u00e9', 'HTTPS:', 'view-source:', 'blob:'],
]
const uri = (random: Random): string => (random.once(3) ? joined(random, PARTS, 6) : mutated(random, random.pick(URIS), PARTS))

/** What a URI must be for a browser, if it is taken. */
function uriObjection(text: string): string {
  if (!/^[!-~]+$/.test(text)) return 'taken, although it is not plain'
  const url = new URL(text)
  if (url.username !== '' || url.password !== '' || url.hash !== '' || text.includes('#'))
    return `taken with a user or a fragment: ${url.href}`
  if (['javascript:', 'data:', 'file:', 'blob:', 'view-source:', 'vbscript:', 'about:', 'ftp:', 'ws:', 'wss:'].includes(url.protocol))
    return `taken with ${url.protocol}`
  const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  if (url.protocol === 'http:' && !isLocal) return `taken, although it leads to ${url.host} in the clear`
  if (isLoopback(text) && !(url.protocol === 'http:' && isLocal)) return `taken for the loopback, although it is ${url.href}`
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:'
  const written = /^[a-z]+:\/\/([^/?]+)/.exec(text)?.[1]?.replace(/:80$/, '')
  if (/%(?:2e|2f|5c)/i.test(url.pathname)) return `taken with an escape that hides: ${url.pathname}`
  return isWeb && written !== url.host.replace(/:80$/, '') ? `taken, although a browser goes to ${url.host}` : ''
}

tests.property('a redirect URI is what a browser takes it for', {
  from: drawn(uri),
  kept: ['cursor://a@nysphere.cursor-mcp/cb', 'com.example.app://user:secret@host/cb', 'cursor://anysphere.cursor-mcp/%2e%2e/cb'],
  noted: 0.05,
  objection: (text, note) => {
    if (!isRedirectUri(text)) return isLoopback(text) ? 'loopback, although it is no redirect URI' : ''
    note()
    const wrong = uriObjection(text)
    if (wrong !== '') return wrong
    const [before, after] = [new URL(text), new URL(withAnswer(text, { code: 'a&b=c#d', state: null }))]
    if (after.searchParams.getAll('code').at(-1) !== 'a&b=c#d' || after.hash !== '') return `with an answer it is ${after.href}`
    return after.host === before.host && after.pathname === before.pathname ? '' : `with an answer it leads to ${after.href}`
  },
})

tests.property('two redirect URIs are one only where nothing but the loopback differs', {
  from: drawn((random) => [uri(random), uri(random)] as const),
  objection: ([one, other]) => {
    if (isSameRedirect(one, other) !== isSameRedirect(other, one)) return 'the one is the other, but not the other way'
    if (one === other || !isSameRedirect(one, other)) return ''
    const [a, b] = [new URL(one), new URL(other)]
    return isLoopback(one) && isLoopback(other) && a.pathname === b.pathname && a.search === b.search ? '' : 'taken for one'
  },
})

const HERE = ['mcp.example.com', 'mcp.example.com:8443', '127.0.0.1:8080', 'MCP.Example.com.', 'localhost:8080', '127.1']
const HOSTS = [
  ...[
    'mcp.example.com',
    'MCP.EXAMPLE.COM',
    'mcp.example.com.',
    'mcp.example.com..',
    'other.example',
    'user@',
    'localhost',
    'localhost.',
    'xn--',
  ],
  ...[
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '127.0.0.01',
    '0x7f000001',
    '127.0.0.1.',
    '127.1.',
    '\u3002',
    '\uff11',
    '',
  ],
]
const PATHS = [
  ...[
    '/now/',
    '/now',
    '/later/mcp',
    '/',
    '//',
    '..',
    '.',
    '/../',
    '\\',
    '?',
    '#',
    '@',
    '%2e',
    '%2f',
    '%5C',
    ';',
    ' ',
    '\t',
    'x',
    '=',
    '&',
    '~',
    '_',
    '-',
  ],
]
const SCHEMES = ['http://', 'https://', 'http://', 'https://', 'HTTP://', 'ftp://', '//', 'http:/', 'https:\\\\', '']
const PLACE = [
  '/now/mcp?x=1',
  'https://other.example/now',
  'http://127.0.0.2/',
  'http://mcp.example.com.evil.example/',
  'https://mcp.example.com/now/mcp',
]

function place(random: Random): string {
  if (random.once(3)) return mutated(random, random.pick(PLACE), [...SCHEMES, ...HOSTS, ...PATHS])
  if (random.once(2)) return `/now/${joined(random, PATHS, 4)}`
  return `${random.pick(SCHEMES)}${random.pick(HOSTS)}${random.once(4) ? random.pick(HOSTS) : ''}${random.pick(['', ':8080', ':', ':0'])}${joined(random, PATHS, 3)}`
}

/** The Location that a client gets to see. */
function location(text: string, host: string): string | undefined {
  const headersOut: Record<string, string> = { 'Content-Type': 'text/plain' }
  const variables = { gatehouse_server: 'now', upstream_http_location: text }
  gate.answered({ httpVersion: '1.1', status: 307, headersOut, headersIn: { Host: host }, variables })
  return headersOut.Location
}

const bare = (host: string): string => host.replace(/\.$/, '')

tests.property('no redirect of an MCP server leads to another one of the gateway', {
  from: drawn((random) => ({ host: random.pick(HERE), text: place(random) })),
  kept: [
    { host: '127.0.0.1:8080', text: 'http://127.1' },
    { host: '127.1:8080', text: 'http://127.0.0.1/later/mcp' },
    { host: '127.0.0.1', text: 'https://2130706433/later/mcp' },
  ],
  noted: 0.05,
  objection: ({ host, text }, note) => {
    if (location(text, host) === undefined) return ''
    note()
    const here = new URL(`https://${host}`)
    // A client that cannot read it goes nowhere.
    if (!URL.canParse(text, `${here.origin}/now/mcp`)) return ''
    const there = new URL(text, `${here.origin}/now/mcp`)
    if (!['http:', 'https:'].includes(there.protocol)) return `leads to ${there.href}`
    if (bare(there.hostname) !== bare(here.hostname)) return ''
    const stays = there.host === here.host && there.pathname.startsWith('/now/') && !/%|\/\/|\\/.test(there.pathname)
    return stays ? '' : `leads to ${there.href}`
  },
})

tests.run()
