import type { Lacking } from '../../src/gate/challenge.ts'
import type { Principal } from '../../src/gate/principal.ts'
import { REFUSALS, type Reason } from '../../src/gate/refusal.ts'
import { corsHeaders, type Decision, reply, resourceMetadataUrl, visibleAscii } from '../../src/gate/reply.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const replies = suite('the words of a decision')

const GATEWAY = 'https://mcp.example.com'
const METADATA = `${GATEWAY}/.well-known/oauth-protected-resource/now/mcp`
const ROSA: Principal = {
  user: 'rosa',
  clientId: 'web',
  groups: ['a', 'b'],
  scopes: ['t/x', 't/y'],
  attainable: ['t/x', 't/y'],
  authMethod: 'jwt',
  expiresAt: 99,
}

const allow = (principal: Partial<Principal> = {}, rest: Partial<Decision & { kind: 'allow' }> = {}): Record<string, string> => {
  const decision: Decision = { kind: 'allow', principal: { ...ROSA, ...principal }, allowSet: 'ping', cacheSeconds: 5, ...rest }
  const { status, headers } = reply(decision, 'now', GATEWAY)
  assert.is(status, 204)
  return headers
}
const refuse = (reason: Reason, scope: string | null = null, principal: Principal | null = null, lacking: Lacking | null = null) =>
  reply({ kind: 'refuse', reason, principal, scope, lacking }, 'now', GATEWAY)

replies('a yes says who, what and for how long', () => {
  assert.equal(allow(), {
    'X-User': 'rosa',
    'X-Username': 'rosa',
    'X-Client-Id': 'web',
    'X-Scopes': 't/x t/y',
    'X-Groups': 'a b',
    'X-Auth-Method': 'jwt',
    'X-Server-Name': 'now',
    'X-Mcp-Allow': 'ping',
    'X-Accel-Expires': '5',
  })
})

replies('a set that is too long is left out', () => {
  assert.is('X-Mcp-Allow' in allow({}, { allowSet: null }), false)
})

replies('an empty set is sent as it is', () => {
  assert.is(allow({}, { allowSet: '' })['X-Mcp-Allow'], '')
})

replies('a yes that must not be remembered says nothing of remembering', () => {
  assert.is('X-Accel-Expires' in allow({}, { cacheSeconds: 0 }), false)
})

replies('a session is told from a token', () => {
  assert.is(allow({ authMethod: 'session_cookie' })['X-Auth-Method'], 'session_cookie')
})

const GROUPS: [string, string[], string][] = [
  ['no group', [], ''],
  ['a space', ['a b', 'c'], 'a%20b c'],
  ['a comma', ['a,b', 'c'], 'a%2Cb c'],
  ['a percent sign', ['a%20b'], 'a%2520b'],
  ['a line break', ['a\r\nX-User: root'], 'a%0D%0AX-User:%20root'],
  ['a NUL', ['a\u0000b'], 'a%00b'],
  ['letters outside of ASCII', ['größe'], 'gr%C3%B6%C3%9Fe'],
  ['characters of two units', ['🕰'], '%F0%9F%95%B0'],
  ['half a character', ['\ud83d'], '%EF%BF%BD'],
  ['DEL', ['\u007f'], '%7F'],
]
for (const [what, groups, expected] of GROUPS) {
  replies(`groups with ${what} are encoded so that the list stays one`, () => {
    assert.is(allow({ groups })['X-Groups'], expected)
  })
}

replies('a list that is too long is left out as a whole, never cut', () => {
  const group = 'g'.repeat(127)
  assert.is(allow({ groups: Array(64).fill(group) })['X-Groups']?.length, 64 * 128 - 1)
  assert.is(allow({ groups: Array(65).fill(group) })['X-Groups'], '')
  assert.is(allow({ groups: ['ü'.repeat(1366)] })['X-Groups'], '', 'as encoded')
})

replies('every value is plain visible ASCII whatever the names hold', () => {
  const odd = Array.from({ length: 0x180 }, (_, code) => String.fromCharCode(code)).join('')
  const headers = allow({ user: odd, clientId: odd, groups: [odd, odd], scopes: [] })
  for (const [name, value] of Object.entries(headers)) assert.not.match(value, /[^\x20-\x7e]/, name)
  assert.is(decodeURIComponent(headers['X-User'] ?? ''), odd)
  assert.equal(headers['X-Groups']?.split(' ').map(decodeURIComponent), [odd, odd])
})

replies('visibleAscii leaves visible ASCII but the percent sign alone', () => {
  const visible = Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index)).join('')
  assert.is(visibleAscii(visible), visible.replace('%', '%25'))
  assert.is(visibleAscii(''), '')
})

replies('no two names become one', () => {
  const names = ['a b', 'a%20b', 'a%2520b', 'a\u00a0b', 'a+b']
  assert.is(new Set(names.map(visibleAscii)).size, names.length)
})

const CHALLENGES: [string, Reason, string | null, string | undefined][] = [
  [
    'no credentials: where to go and what to ask for, no error code',
    'no_credentials',
    't/x',
    `Bearer realm="mcp", resource_metadata="${METADATA}", scope="t/x"`,
  ],
  ['no credentials where no scope would do', 'no_credentials', null, `Bearer realm="mcp", resource_metadata="${METADATA}"`],
  [
    'an expired token',
    'token_expired',
    null,
    `Bearer realm="mcp", resource_metadata="${METADATA}", error="invalid_token", ` +
      `error_description="The access token has expired. Get a new one."`,
  ],
  [
    'a malformed header',
    'authorization_malformed',
    't/x',
    `Bearer realm="mcp", resource_metadata="${METADATA}", scope="t/x", error="invalid_request", ` +
      `error_description="The Authorization header must be the word Bearer, one space and one access token."`,
  ],
  ['a foreign origin', 'origin_not_allowed', null, `Bearer realm="mcp", resource_metadata="${METADATA}"`],
  ['a malformed question', 'question_malformed', 't/x', undefined],
  ['missing keys', 'keys_unavailable', 't/x', undefined],
  ['an internal error', 'internal_error', 't/x', undefined],
]
for (const [what, reason, scope, expected] of CHALLENGES) {
  replies(`challenge: ${what}`, () => {
    assert.is(refuse(reason, scope).headers['WWW-Authenticate'], expected)
  })
}

const MESSAGE = 'You may not use this tool, prompt or resource on this server.'
const LACKING: [string, Lacking, string, string][] = [
  [
    'a scope that a new token can bring',
    { remedy: 'token', scope: 't/y' },
    'scope="t/y", error="insufficient_scope"',
    ' It takes the scope t/y.',
  ],
  [
    "a scope that none of the user's groups has: no scope is asked for, and the error is none on which clients sign in again",
    { remedy: 'group', scope: 't/y' },
    'error="access_denied"',
    ' It takes the scope t/y, which none of your groups has: no new sign-in helps, ask whoever keeps scopes.yml.',
  ],
  [
    'a scope that the app client may not ask for',
    { remedy: 'client', scope: 't/y' },
    'error="access_denied"',
    ' It takes the scope t/y, which MCP clients are not given here: ask whoever sets MCP_SCOPES.',
  ],
  ['what nothing opens', { remedy: 'nothing', scope: null }, 'error="access_denied"', ' No scope opens it: ask whoever keeps scopes.yml.'],
]
for (const [what, lacking, parameters, more] of LACKING) {
  replies(`a known caller lacks ${what}`, () => {
    const { status, headers } = refuse('name_not_allowed', lacking.remedy === 'token' ? lacking.scope : null, ROSA, lacking)
    const challenge = `Bearer realm="mcp", resource_metadata="${METADATA}", ${parameters}, error_description="${MESSAGE}${more}"`
    assert.equal([status, headers['WWW-Authenticate'], headers['X-Gatehouse-Message']], [403, challenge, MESSAGE + more])
    assert.not.match(MESSAGE + more, /[^\x20-\x7e]|["\\]/)
  })
}

for (const reason of Object.keys(REFUSALS) as Reason[]) {
  replies(`${reason}: status, reason and message, and nothing that a yes has`, () => {
    const { status, headers } = refuse(reason, 't/x', ROSA)
    const { 'WWW-Authenticate': challenge, ...rest } = headers
    assert.is(status, REFUSALS[reason].status)
    assert.equal(rest, { 'X-Gatehouse-Reason': reason, 'X-Gatehouse-Message': REFUSALS[reason].message, 'X-User': 'rosa' })
    assert.is(challenge !== undefined, status === 401 || status === 403)
  })
}

replies('a no to a stranger names nobody', () => {
  assert.is('X-User' in refuse('no_credentials').headers, false)
})

replies('the name of a known caller is encoded in a no as well', () => {
  assert.is(refuse('name_not_allowed', null, { ...ROSA, user: 'a\r\nb' }).headers['X-User'], 'a%0D%0Ab')
})

replies('an allowed origin is named as it was sent, and no other one is', () => {
  const allowed = new Set(['https://mcp.example.com', 'http://localhost:6274'])
  assert.equal(corsHeaders('http://localhost:6274', allowed), { 'Access-Control-Allow-Origin': 'http://localhost:6274' })
  for (const origin of [
    undefined,
    '',
    'null',
    '*',
    'https://evil.example',
    'HTTP://LOCALHOST:6274',
    'http://localhost:62740',
    'http://localhost',
  ])
    assert.equal(corsHeaders(origin, allowed), {}, origin)
})

replies('the metadata of a server is published below the gateway (RFC 9728 section 3.1)', () => {
  assert.is(resourceMetadataUrl(GATEWAY, 'now', 'mcp'), METADATA)
})

replies.run()
