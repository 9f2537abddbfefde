import pino from 'pino'
import { decisionLine as lineOf } from '../src/decision_line.ts'
import type { Principal } from '../src/gate/principal.ts'
import { REFUSALS, type Reason } from '../src/gate/refusal.ts'
import type { Decision } from '../src/gate/reply.ts'
import { createLog, type DecisionLine, logDecision } from '../src/log.ts'
import * as assert from './support/assert.ts'
import { suite } from './support/suite.ts'

const logging = suite('the log')

const ROSA: Principal = {
  user: 'rosa',
  clientId: 'web',
  groups: ['g'],
  scopes: ['t/x'],
  attainable: ['t/x'],
  authMethod: 'jwt',
  expiresAt: 99,
}
const ALLOW: Decision = { kind: 'allow', principal: ROSA, allowSet: 'ping', cacheSeconds: 5 }
const refuse = (reason: Reason, principal: Principal | null = null): Decision => ({
  kind: 'refuse',
  reason,
  principal,
  scope: 't/x',
  lacking: null,
})
const LINE: DecisionLine = {
  requestId: 'r1',
  server: 'now',
  httpMethod: 'POST',
  method: 'tools/call',
  name: 'tick',
  url: '/now/mcp?a=b',
  microseconds: 7,
  traceId: '',
}

/** What the log of the validator writes, as text. */
function written(write: (log: ReturnType<typeof createLog>) => void, level = 'info'): string {
  const log = createLog(level)
  let text = ''
  Object.assign(log, {
    [pino.symbols.streamSym]: {
      write: (line: string) => {
        text += line
      },
    },
  })
  write(log)
  return text
}
const decisionText = (decision: Decision, changes: Partial<DecisionLine> = {}): string =>
  written((log) => logDecision(log, decision, { ...LINE, ...changes }))
const decisionLine = (decision: Decision, changes: Partial<DecisionLine> = {}): Record<string, unknown> => {
  const { time, ...line } = JSON.parse(decisionText(decision, changes))
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  return line
}

const COMMON = { level: 'info', service: 'gatehouse', msg: 'decision', request_id: 'r1', server: 'now', http_method: 'POST', us: 7 }
const CALLED = { ...COMMON, method: 'tools/call', name: 'tick', path: '/now/mcp' }

logging('a yes is one line that says who did what', () => {
  assert.equal(decisionLine(ALLOW), { ...CALLED, user: 'rosa', client_id: 'web', auth_method: 'jwt', decision: 'allow', status: 204 })
})

logging('a no says why', () => {
  assert.equal(decisionLine(refuse('name_not_allowed', ROSA)), {
    ...CALLED,
    user: 'rosa',
    client_id: 'web',
    auth_method: 'jwt',
    decision: 'refuse',
    reason: 'name_not_allowed',
    status: 403,
  })
})

logging('a no to a stranger names nobody', () => {
  const { user, client_id, auth_method } = decisionLine(refuse('no_credentials'))
  assert.equal([user, client_id, auth_method], [null, null, null])
})

logging('the trace that a request is part of is named, and no other', () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
  assert.is(decisionLine(ALLOW, { traceId }).trace_id, traceId)
  assert.not('trace_id' in decisionLine(ALLOW))
})

logging('a question without a call has no method and no name', () => {
  const line = decisionLine(ALLOW, { method: '', name: '' })
  assert.equal(['method' in line, 'name' in line], [false, false])
})

for (const [reason, { status }] of Object.entries(REFUSALS)) {
  logging(`${reason} is logged with its status ${status}`, () => {
    const line = decisionLine(refuse(reason as Reason))
    assert.equal([line.reason, line.status, line.decision], [reason, status, 'refuse'])
  })
}

const URLS: [string, string, string][] = [
  ['a query', '/now/mcp?access_token=eyJhbGciOi', '/now/mcp'],
  ['an empty query', '/now/mcp?', '/now/mcp'],
  ['a query behind a query', '/now/mcp?a?access_token=eyJhbGciOi', '/now/mcp'],
  ['a query alone', '?access_token=eyJhbGciOi', ''],
  ['nothing', '', ''],
]
for (const [what, url, path] of URLS) {
  logging(`of a URL with ${what} only the path is kept`, () => {
    assert.is(decisionLine(ALLOW, { url }).path, path)
    assert.not.match(decisionText(ALLOW, { url }), /eyJ|access_token/)
  })
}

logging('a decision line holds no credential, though every object around it does', () => {
  const secret = 'eyJhbGciOiJSUzI1NiJ9.secret'
  const principal = { ...ROSA, token: secret, seal: secret, authorization: secret, groups: [secret], scopes: [secret] }
  for (const decision of [{ ...ALLOW, principal, allowSet: secret, token: secret }, refuse('name_not_allowed', principal)]) {
    const line = { ...LINE, url: `/now/mcp?${secret}`, authorization: secret, cookie: secret, headers: { authorization: secret } }
    assert.not.match(
      written((log) => logDecision(log, decision as Decision, line)),
      /secret/,
    )
  }
})

const CUT = ['requestId', 'server', 'httpMethod', 'method', 'name', 'url'] as const
for (const field of CUT) {
  logging(`${field} is cut to 512 characters`, () => {
    const line = decisionLine(ALLOW, { [field]: 'x'.repeat(600) })
    assert.is(Object.values(line).filter((value) => value === `${'x'.repeat(512)}…`).length, 1)
    assert.ok(Object.values(decisionLine(ALLOW, { [field]: 'x'.repeat(512) })).includes('x'.repeat(512)))
  })
}

const codes = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => String.fromCharCode(from + index)).join('')
const CONTROLS: [string, string][] = [
  ['controls below the space', codes(0, 0x1f)],
  ['quotes and backslashes', '"\\'],
  ['a line that looks like another', '\n{"decision":"allow","user":"root"}'],
  ['a terminal sequence', '\u001b[2J\u001b]0;owned\u0007'],
  ['DEL and the controls above ASCII, which terminals obey as well', codes(0x7f, 0x9f)],
]
for (const [what, value] of CONTROLS) {
  logging(`one line, all escaped: ${what}`, () => {
    const principal = { ...ROSA, user: value, clientId: value }
    const text = decisionText({ ...ALLOW, principal }, { requestId: value, server: value, httpMethod: value, name: value, url: value })
    assert.not.match(text.slice(0, -1), /[\u0000-\u001f\u007f-\u009f]/)
    assert.is(text.at(-1), '\n')
    const { user, client_id, request_id, name, path } = JSON.parse(text)
    assert.equal([user, client_id, request_id, name, path], Array(5).fill(value))
  })
}

logging('half a character, also one that a cut leaves, stays JSON', () => {
  const line = decisionLine(ALLOW, { name: '\ud83d', url: `/${'x'.repeat(510)}🕰` })
  assert.is(line.name, '\ud83d')
  assert.is(line.path, `/${'x'.repeat(510)}\ud83d…`)
})

const cut = (text: string): string => (text.length > 512 ? `${text.slice(0, 512)}…` : text)
const ODD_TEXTS = ['', 'plain', '"', '\\', 'é', '🕰', '\u2028', '\u0000\n', '\u009b', '\u007f', 'x'.repeat(513), '/a?b', '{"a":1}']
logging('a decision line is, character for character, what pino makes of its fields', () => {
  for (const text of ODD_TEXTS) {
    for (const decision of [ALLOW, refuse('name_not_allowed', { ...ROSA, user: text }), refuse('no_credentials')]) {
      const { principal } = decision
      const fields = {
        request_id: cut(text),
        server: cut(text),
        http_method: cut(text),
        ...(text ? { method: cut(text), name: cut(text) } : {}),
        path: cut(text.split('?')[0] as string),
        user: principal?.user ?? null,
        client_id: principal?.clientId ?? null,
        auth_method: principal?.authMethod ?? null,
        decision: decision.kind,
        ...(decision.kind === 'refuse' ? { reason: decision.reason, status: REFUSALS[decision.reason].status } : { status: 204 }),
        us: 7,
      }
      const own = decisionText(decision, { requestId: text, server: text, httpMethod: text, method: text, name: text, url: text })
      const theirs = written((log) => log.info(fields, 'decision'))
      const withoutTime = (line: string): string => line.replace(/"time":"[^"]*"/, '')
      assert.is(withoutTime(own), withoutTime(theirs))
    }
  }
})

logging('the time of a line is that of the line, also when many fall into one millisecond', () => {
  for (const at of [1_800_000_000_000, 1_800_000_000_000, 1_800_000_000_001, 1_799_999_999_999]) {
    assert.is(JSON.parse(lineOf(ALLOW, LINE, at)).time, new Date(at).toISOString())
  }
})

for (const [level, expected] of [
  ['debug', true],
  ['info', true],
  ['warn', false],
  ['silent', false],
] as const) {
  logging(`at the level ${level} decisions are ${expected ? '' : 'not '}written`, () => {
    assert.is(written((log) => logDecision(log, ALLOW, LINE), level) !== '', expected)
  })
}

logging.run()
