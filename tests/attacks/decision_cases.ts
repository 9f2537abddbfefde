/** Calls after a remembered yes: whose it is, and what it is good for. */
import { call, message } from '../support/gateway.ts'
import type { Call } from './decisions.ts'
import { bearer, cookie, type World } from './world.ts'

export interface DecisionCase {
  /** Row in the list of attacks. */
  id: string
  name: string
  calls(world: World): Promise<Call[]>
  /** `status questions user` of each. */
  seen: ReadonlyArray<string | RegExp>
}

/** Ends of a token of their own: one that no other case has had remembered. */
let made = 0
const fresh = (w: World, scope = 'test/now'): Promise<string> => {
  made += 1
  return w.token({ scope, jti: `case-${made}` })
}
const agentCalls =
  (more: (token: string, w: World) => Call[] | Promise<Call[]>, scope?: string): DecisionCase['calls'] =>
  async (w) => {
    const token = await fresh(w, scope)
    return [{ headers: [bearer(token)] }, ...(await more(token, w))]
  }
const YES = '200 1 agent'
const AGAIN = '200 0 agent'

/** What one answer serves. */
const SHARED: DecisionCase[] = [
  {
    id: '230',
    name: 'the same call again',
    calls: agentCalls((t) => Array(3).fill({ headers: [bearer(t)] })),
    seen: [YES, AGAIN, AGAIN, AGAIN],
  },
  {
    id: '230',
    name: 'other tools, methods and paths of the same server',
    calls: agentCalls(
      (t) =>
        [call('other'), message('initialize', {}), message('prompts/get', { name: 'p' }), message('tools/list')].map((body, index) => ({
          line: `POST /currenttime/${['mcp', 'a/b', 'mcp?x=1', ''][index]}`,
          headers: [bearer(t)],
          body,
        })),
      'test/all',
    ),
    seen: [YES, AGAIN, AGAIN, AGAIN, AGAIN],
  },
  {
    id: '230',
    name: 'a tool outside of the set is asked about each time, and its answer is nobody else’s',
    calls: agentCalls((t) =>
      ['delete_all', 'delete_all', 'now', 'later', 'now'].map((tool) => ({ headers: [bearer(t)], body: call(tool) })),
    ),
    seen: [YES, '403 1', '403 1', AGAIN, '403 1', AGAIN],
  },
  {
    id: '230',
    name: 'a tool outside of the set comes first',
    calls: async (w) => {
      const headers = [bearer(await fresh(w))]
      return ['delete_all', 'delete_all', 'now'].map((tool) => ({ headers, body: call(tool) }))
    },
    seen: ['403 2', '403 1', AGAIN],
  },
]

const stranger = (line: string, headers: readonly string[] = []): DecisionCase['calls'] =>
  agentCalls((t) => [{ line, headers }, { line, headers }, { headers: [bearer(t)] }])

/** What another request is decided on by itself. */
const APART: DecisionCase[] = [
  { id: '227', name: 'nobody, same address', calls: stranger('POST /currenttime/mcp'), seen: [YES, '401 1', '401 1', AGAIN] },
  { id: '228', name: 'nobody, other address', calls: stranger('POST /currenttime/other'), seen: [YES, '401 1', '401 1', AGAIN] },
  {
    id: '227',
    name: 'an empty token',
    calls: stranger('POST /currenttime/mcp', ['Authorization: ']),
    seen: [YES, '401 1', '401 1', AGAIN],
  },
  { id: '227', name: 'an empty cookie', calls: stranger('POST /currenttime/mcp', ['Cookie: ']), seen: [YES, '401 1', '401 1', AGAIN] },
  {
    id: '229',
    name: 'another server that is closed to them',
    calls: agentCalls((t) => Array(2).fill({ line: 'POST /mcpgw/mcp', headers: [bearer(t)] })),
    seen: [YES, '403 1', '403 1'],
  },
  {
    id: '229',
    name: 'another server that is open to them',
    calls: agentCalls((t) => Array(2).fill({ line: 'POST /mcpgw/mcp', headers: [bearer(t)] }), 'test/all'),
    seen: [YES, YES, AGAIN],
  },
  {
    id: '231',
    name: 'another HTTP method',
    calls: agentCalls((t) =>
      ['GET', 'GET', 'DELETE', 'DELETE', 'OPTIONS', 'HEAD', 'PUT', 'post'].map((method) => ({
        line: `${method} /currenttime/mcp`,
        headers: [bearer(t)],
        body: null,
      })),
    ),
    seen: [YES, YES, AGAIN, YES, AGAIN, '405 1', '405 0', '405 0', /^40[05] 0$/],
  },
  {
    id: '231',
    name: 'a foreign Origin',
    calls: agentCalls((t) =>
      ['https://evil.example', 'https://evil.example', ' ', 'null'].map((o) => ({ headers: [bearer(t), `Origin: ${o}`] })),
    ),
    // An empty one is none.
    seen: [YES, '403 1', '403 1', AGAIN, '403 1'],
  },
  {
    id: '231',
    name: 'two of Origin, the first of which may',
    calls: agentCalls((t, { gateway: { url } }) => [
      { headers: [bearer(t), `Origin: ${url}`] },
      { headers: [bearer(t), `Origin: ${url}`] },
      { headers: [bearer(t), `Origin: ${url}`, 'Origin: https://evil.example'] },
    ]),
    seen: [YES, YES, AGAIN, /^403 [01]$/],
  },
  {
    id: '231',
    name: 'another Host, on which no answer depends, and one that is none',
    calls: agentCalls((t) => ['evil.example', 'a/b'].map((host) => ({ headers: [bearer(t)], host }))),
    seen: [YES, AGAIN, '400 0'],
  },
]

/** Credentials that are nearly the same. */
const SIMILAR: DecisionCase[] = [
  {
    id: '233',
    name: 'a token with another end',
    calls: agentCalls((t) => [`${t}=`, `${t}==`, `${t}A`, t.slice(0, -1), `${t}.`].map((text) => ({ headers: [bearer(text)] }))),
    seen: [YES, ...Array(5).fill(/^401 1$/)],
  },
  {
    id: '233',
    name: 'a token with other last bits',
    calls: agentCalls((t) => [1, 2, 3].map((bit) => ({ headers: [bearer(otherEnd(t, bit))] }))),
    seen: [YES, ...Array(3).fill(/^(?:401 1|200 1 agent)$/)],
  },
  {
    id: '233',
    name: 'the scheme in another case, and with two spaces',
    calls: agentCalls((t) => [`bearer ${t}`, `BEARER ${t}`, `Bearer  ${t}`].map((value) => ({ headers: [`Authorization: ${value}`] }))),
    seen: [YES, YES, YES, '401 1'],
  },
  {
    id: '233',
    name: 'two callers in turn',
    calls: async (w) => {
      const [one, two] = [bearer(await fresh(w)), cookie(await w.seal())]
      return [one, two, one, two].map((line) => ({ headers: [line] }))
    },
    seen: [YES, '200 1 rosa', AGAIN, '200 0 rosa'],
  },
  {
    id: '233',
    name: 'sessions and what stands beside them',
    calls: async (w) => {
      const [line, other] = [cookie(await w.seal()), cookie(await w.seal(['callers'], 'ida'))]
      const lines = [line, other, `${line}; a=1`, `a=1; ${line.slice(8)}`, `${line}; ${line.slice(8)}`, `${line.slice(0, -1)}~`, line]
      return lines.map((text) => ({ headers: [text.startsWith('Cookie') ? text : `Cookie: ${text}`] }))
    },
    seen: ['200 1 rosa', '200 1 ida', '200 1 rosa', '200 1 rosa', '401 1', '401 1', '200 0 rosa'],
  },
  {
    id: '233',
    name: 'a token goes before a cookie, and a bad one is not rescued',
    calls: async (w) => {
      const [token, session] = [bearer(await fresh(w)), cookie(await w.seal())]
      return [[session], [token, session], ['Authorization: Bearer x', session], ['Authorization: Basic eA==', session], [session]].map(
        (headers) => ({ headers }),
      )
    },
    seen: ['200 1 rosa', YES, '401 1', '401 1', '200 0 rosa'],
  },
  // HTTP takes a tab around a value away as it does a space (RFC 9110 section 5.5). NGINX leaves it, the validator does not see it.
  ...['\t', '\t \t'].map(
    (blank): DecisionCase => ({
      id: '233',
      name: `an Authorization of white space only, ${blank.length} characters, beside a cookie and then without`,
      calls: async (w) => {
        const session = cookie(await w.seal())
        const other = cookie(await w.seal(['callers'], 'ida'))
        return [[session], [other], [], ['Cookie: a=1']].map((lines) => ({ headers: [`Authorization: ${blank}`, ...lines] }))
      },
      seen: [/^(?:200 1 rosa|40[01] [01])$/, /^(?:200 1 ida|40[01] [01])$/, /^40[01] [01]$/, /^40[01] [01]$/],
    }),
  ),
]

/** The same bytes of signature under another last character: base64url leaves bits of it unused. */
function otherEnd(token: string, bit: number): string {
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return token.slice(0, -1) + digits[digits.indexOf(token.at(-1) ?? '') ^ bit]
}

export const DECISION_CASES: readonly DecisionCase[] = [...SHARED, ...APART, ...SIMILAR]
