import { createPolicy } from '../../src/gate/policy.ts'
import { type AccessToken, audienceFits, principalOfSession, principalOfToken, type Session } from '../../src/gate/principal.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const principal = suite('the caller')

const SCOPES = ['tools/read', 'tools/execute', 'other/read']
const GROUPS = new Map([
  ['readers', ['tools/read']],
  ['writers', ['tools/execute', 'tools/read']],
  ['strangers', ['unknown/scope', 'ui-scope']],
  ['mixed', ['unknown/scope', 'other/read']],
  ['nobody', []],
])
const POLICY = createPolicy([], SCOPES, GROUPS)
const AGENT: AccessToken = { clientId: 'agent', username: null, groups: [], scopes: [], audience: null, expiresAt: 99 }
const ROSA: AccessToken = { ...AGENT, clientId: 'web', username: 'rosa' }

const TOKENS: [string, Partial<AccessToken>, { user: string; scopes: string[]; groups: string[] }][] = [
  ['an agent holds the scopes of its token', { scopes: ['tools/read'] }, { user: 'agent', scopes: ['tools/read'], groups: [] }],
  ['an agent without scopes holds none', {}, { user: 'agent', scopes: [], groups: [] }],
  [
    'an agent keeps no scope that the policy does not know',
    { scopes: ['openid', 'tools/read', 'tools/READ', 'tools'] },
    { user: 'agent', scopes: ['tools/read'], groups: [] },
  ],
  ['an agent gets nothing from groups', { groups: ['writers'] }, { user: 'agent', scopes: [], groups: [] }],
  ['a user without groups holds nothing', { username: 'rosa' }, { user: 'rosa', scopes: [], groups: [] }],
  [
    'a user of a group that is mapped to nothing holds nothing',
    { username: 'rosa', groups: ['nobody'] },
    { user: 'rosa', scopes: [], groups: ['nobody'] },
  ],
  [
    'a user of a group that the policy does not know holds nothing',
    { username: 'rosa', groups: ['Readers', 'toString', '__proto__'] },
    { user: 'rosa', scopes: [], groups: ['Readers', 'toString', '__proto__'] },
  ],
  [
    'a user of a group that is mapped to unknown scopes holds none of them',
    { username: 'rosa', groups: ['strangers'] },
    { user: 'rosa', scopes: [], groups: ['strangers'] },
  ],
  [
    'a user holds the known scopes of all groups, once, in the order of the file',
    { username: 'rosa', groups: ['mixed', 'writers', 'readers'] },
    { user: 'rosa', scopes: SCOPES, groups: ['mixed', 'writers', 'readers'] },
  ],
  [
    'scopes that the policy does not know do not narrow',
    { username: 'rosa', groups: ['writers'], scopes: ['openid', 'aws.cognito.signin.user.admin'] },
    { user: 'rosa', scopes: ['tools/read', 'tools/execute'], groups: ['writers'] },
  ],
  [
    'scopes of an API that the policy knows nothing of do not narrow',
    { username: 'rosa', groups: ['writers'], scopes: ['openid', 'orders/read', 'tools'] },
    { user: 'rosa', scopes: ['tools/read', 'tools/execute'], groups: ['writers'] },
  ],
  [
    'a scope that was taken out of the policy narrows to nothing instead of giving everything back',
    { username: 'rosa', groups: ['writers'], scopes: ['openid', 'tools/gone'] },
    { user: 'rosa', scopes: [], groups: ['writers'] },
  ],
  [
    'a known scope in the token narrows what the groups grant',
    { username: 'rosa', groups: ['writers'], scopes: ['openid', 'tools/execute'] },
    { user: 'rosa', scopes: ['tools/execute'], groups: ['writers'] },
  ],
  [
    'a known scope in the token never widens what the groups grant',
    { username: 'rosa', groups: ['readers'], scopes: ['tools/execute', 'other/read'] },
    { user: 'rosa', scopes: [], groups: ['readers'] },
  ],
  [
    'a user without groups gets nothing from the token',
    { username: 'rosa', scopes: ['tools/execute'] },
    { user: 'rosa', scopes: [], groups: [] },
  ],
  [
    'a user who is named like a client is a user',
    { username: 'agent', scopes: ['tools/execute'] },
    { user: 'agent', scopes: [], groups: [] },
  ],
]
for (const [what, changes, { user, scopes, groups }] of TOKENS) {
  principal(what, () => {
    const attainable = 'username' in changes && changes.username !== null ? POLICY.scopesOf(groups) : null
    const expected = { user, clientId: 'agent', groups, scopes, attainable, authMethod: 'jwt', expiresAt: 99 }
    assert.equal(principalOfToken({ ...AGENT, ...changes }, POLICY), expected)
  })
}

principal('a user of a token and of a session hold the same', () => {
  const groups = ['writers', 'mixed']
  const session: Session = { id: 'i', username: 'rosa', clientId: 'web', groups, issuedAt: 1, expiresAt: 99 }
  const { authMethod, ...ofSession } = principalOfSession(session, POLICY)
  const { authMethod: ofToken, ...rest } = principalOfToken({ ...ROSA, groups }, POLICY)
  assert.equal([authMethod, ofToken], ['session_cookie', 'jwt'])
  assert.equal(ofSession, rest)
})

principal('a session without groups holds nothing', () => {
  const session: Session = { id: 'i', username: 'rosa', clientId: 'web', groups: [], issuedAt: 1, expiresAt: 99 }
  assert.equal(principalOfSession(session, POLICY).scopes, [])
})

const GATEWAY = 'https://mcp.example.com'
const AUDIENCES: [string, readonly string[] | null, boolean][] = [
  ['no audience', null, true],
  ['the gateway', [GATEWAY], true],
  ['the gateway with a final slash', [`${GATEWAY}/`], true],
  ['the server', [`${GATEWAY}/now`], true],
  ['the server with a final slash', [`${GATEWAY}/now/`], true],
  ['its MCP endpoint', [`${GATEWAY}/now/mcp`], true],
  ['its SSE endpoint', [`${GATEWAY}/now/sse`], true],
  ['the server beside a foreign one', ['https://evil.example', `${GATEWAY}/now/mcp`], true],
  ['an empty list', [], false],
  ['an empty text', [''], false],
  ['another server', [`${GATEWAY}/other/mcp`], false],
  ['another gateway', ['https://evil.example'], false],
  ['a host that begins the same', [`${GATEWAY}.evil.example`], false],
  ['a server that begins the same', [`${GATEWAY}/nowhere`], false],
  ['another path of the server', [`${GATEWAY}/now/mcp/x`], false],
  ['two final slashes', [`${GATEWAY}//`], false],
  ['http for https', ['http://mcp.example.com'], false],
  ['the host in upper case', ['https://MCP.example.com'], false],
  ['a query', [`${GATEWAY}/now/mcp?x`], false],
  ['the app client', ['agent'], false],
]
for (const [what, audience, expected] of AUDIENCES) {
  principal(`audience: ${what} ${expected ? 'fits' : 'does not fit'}`, () => {
    assert.is(audienceFits(audience, GATEWAY, 'now'), expected)
  })
}

principal.run()
