/** What goes from NGINX to the validator and back: the call, the identity headers, the challenge. Whatever the names are, nothing breaks. */
import careful from '../../nginx/gatehouse/careful.js'
import { decodeCall, EVERY_CALL, NAMED } from '../../src/gate/call.ts'
import type { Lacking } from '../../src/gate/challenge.ts'
import type { Principal } from '../../src/gate/principal.ts'
import { REFUSALS, type Reason } from '../../src/gate/refusal.ts'
import { reply, visibleAscii } from '../../src/gate/reply.ts'
import type { Random } from '../support/random.ts'
import { METHODS, mutateBytes, name } from './bodies.ts'
import { drawn } from './drawn.ts'
import { joined } from './pieces.ts'
import { fuzzing } from './property.ts'

const tests = fuzzing('replies')

/** The call as the gate writes it down for the validator; null when it does not ask. */
function asked(body: string): string | null {
  const variables: Record<string, unknown> = {
    gatehouse_yes: 'POST',
    gatehouse_server: 'now',
  }
  const request = {
    method: 'POST',
    uri: '/now/mcp',
    variables,
    headersIn: { 'Content-Type': 'application/json' },
    headersOut: {},
    requestBuffer: Buffer.from(body),
    subrequest: () => undefined,
    return: () => undefined,
  }
  careful.gate(request)
  return (variables.gatehouse_call as string | undefined) ?? null
}

tests.property('the validator reads the call that the gate has read', {
  from: drawn((random) => ({ method: random.pick(METHODS), name: name(random) })),
  noted: 0.3,
  objection: ({ method, name }, note) => {
    const member = method === 'resources/read' ? 'uri' : 'name'
    const header = asked(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { [member]: name } }))
    if (header === null) return ''
    note()
    const call = decodeCall(header)
    const expected = { method, name: NAMED.has(method) ? name : null }
    return JSON.stringify(call) === JSON.stringify(expected) ? '' : `${JSON.stringify(call)} instead of ${JSON.stringify(expected)}`
  },
})

const JUNK = [
  '{"method":"',
  'tools/call',
  'ping',
  '"',
  ',"name":"',
  'x',
  '}',
  '{',
  '[',
  'null',
  ':',
  '\\ud800',
  '\\u0000',
  '"name":null',
  '\u00e9',
  ' ',
  '__proto__',
  '=',
]

tests.property('a call that is no call is none', {
  from: drawn((random) => {
    const text = random.once(2)
      ? joined(random, JUNK, 9)
      : JSON.stringify({ method: random.pick(METHODS), name: random.pick([name(random), name(random), undefined, null, 7, ['x'], {}]) })
    const bytes = random.once(3) ? mutateBytes(random, Buffer.from(text)) : Buffer.from(text)
    return random.once(6) ? bytes.toString('latin1') : bytes.toString('base64url')
  }),
  noted: 0.02,
  objection: (header, note) => {
    const call = decodeCall(header)
    if (call === null) return ''
    note()
    if (call === EVERY_CALL) return header === '*' ? '' : 'every call, from something else'
    if (!/^[A-Za-z0-9_/.$-]{1,256}$/.test(call.method)) return `the method ${JSON.stringify(call.method)}`
    if (!NAMED.has(call.method)) return call.name === null ? '' : 'a name without a need'
    const { name } = call
    return typeof name === 'string' && name.isWellFormed() && [...name].length <= 256 && !/^$|\p{Cc}/u.test(name)
      ? ''
      : `the name ${JSON.stringify(name)}`
  },
})

const TEXTS = [
  'rosa',
  ' ',
  '  ',
  ',',
  '%',
  '%20',
  '%2C',
  '\r\n',
  '\n',
  '\0',
  '\u00e9',
  '\u{1f600}',
  '\ud800',
  '\u007f',
  '\u0085',
  '\u2028',
  '"',
  '\\',
  ';',
  '=',
  'X-User: root',
]
const text = (random: Random): string => (random.once(30) ? 'g'.repeat(9000) : joined(random, TEXTS, 4))
const texts = (random: Random): string[] => Array.from({ length: random.below(5) }, () => text(random)).filter((one) => one !== '')
const SCOPES = ['a/x', 'mcp/read', "!#$%&'()*+", ',;=', '~', 'x'.repeat(500)]

const principal = (random: Random): Principal => {
  const scopes = texts(random)
  return {
    user: text(random),
    clientId: text(random),
    groups: texts(random),
    scopes,
    attainable: scopes,
    authMethod: random.pick(['jwt', 'session_cookie']),
    expiresAt: 9,
  }
}

/** As a reader of the list gets them; a list that is too long is left out as a whole. */
function listObjection(what: string, header: string | undefined, values: readonly string[]): string {
  const expected = values.map((value) => value.toWellFormed())
  const read = header === '' ? [] : (header ?? '').split(' ').map(decodeURIComponent)
  if (JSON.stringify(read) === JSON.stringify(expected)) return ''
  const isLong = values.map((value) => visibleAscii(value)).join(' ').length + values.join('').split(',').length > 8192
  return header === '' && isLong ? '' : `${what} are read as ${JSON.stringify(read)}`
}

tests.property('identity headers decode to what they say, and nothing breaks them', {
  from: drawn(principal),
  kept: [
    {
      user: 'a\r\nX-User: root',
      clientId: '',
      groups: ['a b', 'a,b', 'a%20b'],
      scopes: [],
      attainable: [],
      authMethod: 'jwt',
      expiresAt: 1,
    },
  ],
  objection: (who) => {
    const { headers } = reply({ kind: 'allow', principal: who, allowSet: 'ping', cacheSeconds: 1 }, 'now', 'https://g.example')
    const broken = Object.entries(headers).find(([, value]) => !/^(?:[!-~]+(?: [!-~]+)*)?$/.test(value))
    if (broken) return `${broken[0]} is ${JSON.stringify(broken[1])}`
    if (decodeURIComponent(headers['X-User'] ?? '') !== who.user.toWellFormed()) return `the user is read as ${headers['X-User']}`
    if (decodeURIComponent(headers['X-Client-Id'] ?? '') !== who.clientId.toWellFormed())
      return `the client is read as ${headers['X-Client-Id']}`
    if (/,/.test(`${headers['X-Groups']}${headers['X-Scopes']}`)) return 'a comma in a list'
    return listObjection('groups', headers['X-Groups'], who.groups) || listObjection('scopes', headers['X-Scopes'], who.scopes)
  },
})

/** RFC 9110 section 11.6.1: the parameters of the one challenge, null where it is none. */
function parameters(header: string): Record<string, string> | null {
  const found: Record<string, string> = {}
  let rest = header.startsWith('Bearer ') ? header.slice('Bearer '.length) : ''
  while (rest !== '') {
    const [whole, key, value] = /^([a-z_]+)="([\x20\x21\x23-\x5b\x5d-\x7e]*)"(?:, (?=[a-z])|$)/.exec(rest) ?? []
    if (whole === undefined || key === undefined || value === undefined || key in found) return null
    found[key] = value
    rest = rest.slice(whole.length)
  }
  return found
}

tests.property('a challenge is one that every client can read', {
  from: drawn((random) => {
    const scope = random.pick(SCOPES)
    const lacking = random.pick<Lacking | null>([
      null,
      { remedy: random.pick(['token', 'client', 'group']), scope },
      { remedy: 'nothing', scope: null },
    ])
    const reason = random.pick(Object.keys(REFUSALS) as Reason[])
    const told = random.once(3) ? null : Array.from({ length: 1 + random.below(4) }, () => random.pick(SCOPES)).join(' ')
    return {
      reason,
      lacking,
      scope: told,
      principal: random.once(2) ? principal(random) : null,
      server: random.pick(['now', 'a.b-c_d', 'X9']),
    }
  }),
  noted: 0.3,
  objection: ({ server, ...refusal }, note) => {
    const { status, headers } = reply({ kind: 'refuse', ...refusal }, server, 'https://g.example:8443')
    const broken = Object.entries(headers).find(([, value]) => !/^(?:[!-~]+(?: [!-~]+)*)?$/.test(value))
    if (broken) return `${broken[0]} is ${JSON.stringify(broken[1])}`
    const challenge = headers['WWW-Authenticate']
    if (challenge === undefined) return status === 401 || status === 403 ? 'no challenge' : ''
    note()
    const read = parameters(challenge)
    if (read === null) return `not to be read: ${challenge}`
    if (new URL(read.resource_metadata ?? '').pathname !== `/.well-known/oauth-protected-resource/${server}/mcp`)
      return `metadata at ${read.resource_metadata}`
    return (read.scope ?? null) === refusal.scope ? '' : `the scope ${read.scope}`
  },
})

tests.run()
