import { EVERY_SCOPE } from '../../src/gate/challenge.ts'
import { decide, type Gate, type Question } from '../../src/gate/decide.ts'
import { createPolicy, type Policy, type Rule } from '../../src/gate/policy.ts'
import type { AccessToken } from '../../src/gate/principal.ts'
import { reply } from '../../src/gate/reply.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const standing = suite('what is worked out once for a caller')

const rule = (scope: string, server: string, tool: string): Rule => ({
  scope,
  server,
  methods: ['tools/list', 'tools/call'],
  tools: [tool],
  prompts: [],
  resources: [],
})
const RULES = [rule('t/a', 'now', 'tick'), rule('t/b', 'now', 'tock'), rule('t/a', 'later', 'wait')]
const policyOf = (rules: Rule[]): Policy => createPolicy(rules, ['t/a', 't/b'], new Map([['g', ['t/b']]]))
const agent = (clientId: string, scopes: string[] = ['t/a']): AccessToken => {
  return { clientId, username: null, groups: [], scopes, audience: null, expiresAt: 2000 }
}

function createWorld(tokens: Record<string, AccessToken>) {
  const counted = { sets: 0 }
  const counting = (policy: Policy): Policy => ({
    ...policy,
    allowSet: (...of) => {
      counted.sets += 1
      return policy.allowSet(...of)
    },
  })
  const gate: Gate = {
    policy: counting(policyOf(RULES)),
    verifyToken: (token) => (tokens[token] ? { ok: true, value: tokens[token] } : { ok: false, reason: 'token_malformed' }),
    openSession: () => ({ ok: false, reason: 'session_malformed' }),
    isServer: () => true,
    now: () => 1000,
    cookieName: 'sid',
    gateway: 'https://gate.test',
    allowedOrigins: new Set(),
    challengeScopes: EVERY_SCOPE,
    decisionCacheSeconds: 5,
  }
  const ask = (token: string, of: Gate = gate, changes: Partial<Question> = {}) => {
    const question = {
      authorization: `Bearer ${token}`,
      cookie: undefined,
      origin: undefined,
      server: 'now',
      httpMethod: 'POST',
      call: undefined,
    }
    const decision = decide({ ...question, ...changes }, of)
    if (decision instanceof Promise) throw new Error('it was awaited')
    return { ...reply(decision, changes.server ?? 'now', of.gateway), decision }
  }
  return { gate, ask, counted, counting }
}

standing('is given again to the same caller for the same server', () => {
  const { ask, counted } = createWorld({ a: agent('a') })
  const [first, again] = [ask('a'), ask('a')]
  assert.ok(first.headers === again.headers)
  assert.is(counted.sets, 1)
  assert.is(first.headers['X-Mcp-Allow'], 'tools/list tools/call=tick')
})

standing('is each caller’s own, and each server’s', () => {
  const { ask } = createWorld({ a: agent('a'), b: agent('b', ['t/b']), c: agent('a') })
  for (let round = 0; round < 3; round += 1) {
    assert.equal([ask('a').headers['X-User'], ask('a').headers['X-Mcp-Allow']], ['a', 'tools/list tools/call=tick'])
    assert.equal([ask('b').headers['X-User'], ask('b').headers['X-Mcp-Allow']], ['b', 'tools/list tools/call=tock'])
    const elsewhere = ask('a', undefined, { server: 'later' }).headers
    assert.equal([elsewhere['X-Server-Name'], elsewhere['X-Mcp-Allow']], ['later', 'tools/list tools/call=wait'])
    assert.is(ask('b', undefined, { server: 'later' }).status, 403)
  }
})

standing('is not that of a call: each call is judged, and only the question who it is may be remembered by NGINX', () => {
  const { ask } = createWorld({ a: agent('a') })
  const call = (name: string): Partial<Question> => ({
    call: Buffer.from(JSON.stringify({ method: 'tools/call', name })).toString('base64url'),
  })
  for (let round = 0; round < 2; round += 1) {
    assert.equal([ask('a').status, ask('a').headers['X-Accel-Expires']], [204, '4'])
    assert.equal([ask('a', undefined, call('tick')).status, ask('a', undefined, call('tick')).headers['X-Accel-Expires']], [204, undefined])
    assert.is(ask('a', undefined, call('tock')).status, 403)
  }
})

standing('is thrown away with the policy', () => {
  const { gate, ask, counting } = createWorld({ a: agent('a') })
  assert.is(ask('a').status, 204)
  const other: Gate = { ...gate, policy: counting(policyOf([rule('t/a', 'now', 'other')])) }
  assert.is(ask('a', other).headers['X-Mcp-Allow'], 'tools/list tools/call=other')
  assert.is(ask('a', { ...gate, policy: counting(policyOf([])) }).status, 403)
})

standing('follows the clock to the end of the credential', () => {
  const tokens = { a: { ...agent('a'), expiresAt: 1010 } }
  const { gate, ask } = createWorld(tokens)
  for (const [at, expected] of [
    [1000, '4'],
    [1004.4, '4'],
    [1004.6, '3'],
    [1007.4, '1'],
    [1007.6, undefined],
    [1000, '4'],
  ] as const) {
    gate.now = () => at
    assert.is(ask('a').headers['X-Accel-Expires'], expected, String(at))
  }
})

standing('is bounded: many callers and many servers are answered rightly all the same', () => {
  const many = Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`t${index}`, agent(`agent-${index}`)]))
  const { ask, counted } = createWorld(many)
  for (let round = 0; round < 2; round += 1)
    for (const token of Object.keys(many)) assert.is(ask(token).headers['X-User'], `agent-${token.slice(1)}`)
  assert.ok(counted.sets > 3000, 'those of the first round were forgotten by the second')
  for (let index = 0; index < 500; index += 1) assert.is(ask('t1', undefined, { server: `server-${index}` }).status, 403)
  assert.is(ask('t1').status, 204)
})

standing.run()
