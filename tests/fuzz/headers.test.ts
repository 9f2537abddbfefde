/** What the validator reads from heads of requests, each beside a slower reader that is written otherwise. */
import { type Credentials, cookieValues, findCredentials } from '../../src/gate/credentials.ts'
import { readPlainQuestion, readQuestion } from '../../src/question.ts'
import type { Random } from '../support/random.ts'
import { drawn } from './drawn.ts'
import { joined } from './pieces.ts'
import { fuzzing } from './property.ts'

const tests = fuzzing('headers')

const NAMES = ['__Host-s', 's', 'a.b', '__proto__']
const COOKIE = [
  '__Host-s',
  '__Host-s=',
  's',
  's=',
  '=',
  ';',
  '; ',
  ';;',
  ' ',
  '\t',
  '"',
  ',',
  'x',
  '\u00a0',
  '\u00ff',
  '%3D',
  '\\',
  '__host-s=',
  '__Host-s =',
  '$',
]

/** RFC 6265bis section 5.6, character by character. */
function slowCookies(header: string, name: string): string[] {
  const found: string[] = []
  let pair = ''
  for (const character of `${header};`) {
    if (character !== ';') {
      pair += character
      continue
    }
    const bytes = [...pair]
    const equals = bytes.indexOf('=')
    const bare = (part: string[]): string => {
      const isBlank = (one: string | undefined): boolean => one === ' ' || one === '\t'
      while (isBlank(part[0])) part.shift()
      while (isBlank(part.at(-1))) part.pop()
      return part.join('')
    }
    if (equals >= 0 && bare(bytes.slice(0, equals)) === name) found.push(bare(bytes.slice(equals + 1)))
    pair = ''
  }
  return found
}

tests.property('cookies are those that a slow reader finds', {
  from: drawn((random) => ({ header: joined(random, COOKIE, 12), name: random.pick(NAMES.slice(0, random.once(4) ? 4 : 2)) })),
  kept: [{ header: '\u00a0__Host-s=x', name: '__Host-s' }],
  noted: 0.05,
  objection: ({ header, name }, note) => {
    const expected = JSON.stringify(slowCookies(header, name))
    if (expected !== '[]') note()
    const found = JSON.stringify(cookieValues(header, name))
    return found === expected ? '' : `${found} instead of ${expected}`
  },
})

const AUTHORIZATION = [
  'Bearer',
  'bearer',
  'BEARER',
  ' ',
  ' ',
  '  ',
  '\t',
  'abc',
  'a.b.c',
  '=',
  '==',
  ',',
  '"',
  'Basic',
  'x'.repeat(8190),
  '\u00e9',
  '\u212a',
  '\n',
  '-_~+/',
  '%',
]
const B64TOKEN = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/'

/** RFC 6750 section 2.1, character by character; null for none. */
function slowBearer(header: string): string | null {
  if (header.slice(0, 6).toLowerCase() !== 'bearer' || header[6] !== ' ') return null
  const token = header.slice(7)
  let at = 0
  while (at < token.length && B64TOKEN.includes(token[at] as string)) at += 1
  const letters = at
  while (token[at] === '=') at += 1
  return letters > 0 && at === token.length ? token : null
}

function slowCredentials(authorization: string | undefined, cookie: string | undefined): Credentials['kind'] {
  if (authorization) return slowBearer(authorization) !== null && authorization.length <= 8199 ? 'bearer' : 'malformed'
  const seals = slowCookies(cookie ?? '', 's')
  if (seals.length === 0) return 'none'
  const [seal = ''] = seals
  return seals.length === 1 && seal.length >= 1 && seal.length <= 4096 ? 'session' : 'malformed'
}

const authorization = (random: Random): string =>
  random.once(2) ? joined(random, AUTHORIZATION, 5) : `${random.pick(AUTHORIZATION.slice(0, 3))} ${joined(random, AUTHORIZATION, 3)}`

/** Cookies as a browser sends them, or nearly. */
const pairs = (random: Random): string =>
  Array.from({ length: random.below(4) }, () => random.pick(['s=x', 's=', 's', ' s = y', 'a=b', 'S=x', joined(random, COOKIE, 3)])).join(
    random.pick(['; ', ';', ', ']),
  )

tests.property('one credential counts, or none does', {
  from: drawn((random) => {
    const cookie = random.once(3) ? `s=${'y'.repeat(random.once(2) ? 4090 + random.below(12) : 9)}` : pairs(random)
    return { authorization: random.once(2) ? undefined : authorization(random), cookie: random.once(3) ? undefined : cookie }
  }),
  noted: 0.1,
  objection: ({ authorization, cookie }, note) => {
    const found = findCredentials(authorization, cookie, 's')
    const expected = slowCredentials(authorization, cookie)
    if (found.kind !== expected) return `${JSON.stringify(found)} instead of ${expected}`
    if (found.kind === 'bearer' || found.kind === 'session') note()
    if (found.kind === 'bearer' && authorization?.slice(7) !== found.token) return `the token ${found.token}`
    return found.kind === 'session' && found.seal !== slowCookies(cookie ?? '', 's')[0] ? `the seal ${found.seal}` : ''
  },
})

const FIELDS = [
  'authorization',
  'cookie',
  'origin',
  'x-mcp-server',
  'x-mcp-http-method',
  'x-mcp-call',
  'x-mcp-transport',
  'x-request-id',
  'x-original-url',
]
const ODD_FIELDS = ['content-length', 'transfer-encoding', '__proto__', 'constructor', 'x_mcp_server', 'x-mcp-serve']
const VALUES = ['', 'now', 'sse', 'mcp', 'GET', 'a, b', '\u00e9', '0', 'Bearer x', 'a=b; c=d', 'null', 'undefined', '[object Object]']
const HOSTS = ['127.0.0.1:8888', 'validator', 'localhost:8888', 'VALIDATOR', 'a@b', 'a/b', 'x:1', '[::1]:8888', '']

tests.property('the quick way to read a question reads what the other one does', {
  from: drawn((random) => {
    const headers: Record<string, string> = Object.create(null)
    for (const field of FIELDS) if (!random.once(3)) headers[field] = random.pick(VALUES)
    if (random.once(4)) headers[random.pick(ODD_FIELDS)] = random.pick(VALUES)
    if (!random.once(9)) headers.host = random.pick(random.once(3) ? HOSTS : HOSTS.slice(0, 3))
    const url = random.once(6) ? random.pick(['/validate?', '/validate/', '//validate', '/Validate', 'http://x/validate']) : '/validate'
    return { method: random.once(8) ? random.pick(['POST', 'HEAD', 'get']) : 'GET', url, headers }
  }),
  noted: 0.1,
  objection: (request, note) => {
    const found = readPlainQuestion(request)
    const { headers, method, url } = request
    if (found === null) return ''
    note()
    if (method !== 'GET' || url !== '/validate' || 'content-length' in headers || 'transfer-encoding' in headers)
      return 'read, although it is another request'
    if (new URL(url, `http://${headers.host}`).host !== headers.host) return `read, although a URL of ${headers.host} has another host`
    const fetched = new Headers(Object.entries(headers))
    const expected = readQuestion((name) => fetched.get(name) ?? undefined)
    return JSON.stringify(found) === JSON.stringify(expected) ? '' : `${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`
  },
})

tests.run()
