/** Who asks under load, for what, and what the policy says to it: the oracle. */
import { sealFor } from '../support/gateway.ts'
import { type Issuer, makeKey, now } from '../support/issuer.ts'

/** What an MCP server must be told of a caller: header and value; a name that is not here must be absent. */
export type Identity = Readonly<Record<string, string>>

export interface Ask {
  server: 'currenttime' | 'mcpgw'
  method: string
  tool?: string
  /** What may be answered now. 503 is always allowed here: it is counted, and the test says whether there may be one. */
  right: readonly number[]
}

export interface Caller {
  name: string
  /** The credential's header; none for a stranger. */
  headers: Readonly<Record<string, string>>
  asks: readonly Ask[]
  /** What the server hears beside its own name and the tool's; null when this caller never passes. Several: each is right. */
  identities: readonly Identity[]
}

const ask = (method: string, right: number, tool?: string, server: Ask['server'] = 'currenttime'): Ask => ({
  server,
  method,
  ...(tool === undefined ? {} : { tool }),
  right: [right],
})
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })

/** What an MCP server is told of an agent, of a user with a session, of a user with a token. */
export const agentIdentity = (scopes: string): Identity => ({
  'x-user': 'agent',
  'x-username': 'agent',
  'x-client-id': 'agent',
  'x-scopes': scopes,
  'x-auth-method': 'jwt',
})
export const userIdentity = (user: string, group: string, scopes: string, method: 'jwt' | 'session_cookie'): Identity => ({
  'x-user': user,
  'x-username': user,
  'x-client-id': 'web',
  'x-scopes': scopes,
  'x-groups': group,
  'x-auth-method': method,
})

/** An agent with `now`. */
export const agent = async (issuer: Issuer): Promise<Caller> => ({
  name: 'agent',
  headers: bearer(await issuer.token()),
  asks: [
    ask('tools/call', 200, 'now'),
    ask('ping', 200),
    ask('tools/call', 403, 'delete_all'),
    ask('tools/call', 403, 'now', 'mcpgw'),
    ask('resources/read', 403, 'file:///etc/passwd'),
  ],
  identities: [agentIdentity('test/now')],
})

/** A user with a session. */
export const person = async (): Promise<Caller> => ({
  name: 'person',
  headers: { cookie: `mcp_gateway_session=${await sealFor(['callers'], 'rosa', 3600)}` },
  asks: [ask('tools/call', 200, 'now'), ask('tools/call', 403, 'delete_all'), ask('ping', 403, undefined, 'mcpgw')],
  identities: [userIdentity('rosa', 'callers', 'test/now', 'session_cookie')],
})

const reader = async (issuer: Issuer): Promise<Caller> => ({
  name: 'read-only',
  headers: bearer(await issuer.token({ scope: 'test/list' })),
  asks: [ask('tools/list', 200), ask('tools/call', 403, 'now')],
  identities: [agentIdentity('test/list')],
})

const admin = async (issuer: Issuer): Promise<Caller> => ({
  name: 'admin',
  headers: bearer(await issuer.token({ sub: 'root', username: 'root', client_id: 'web', scope: 'openid', 'cognito:groups': ['admins'] })),
  asks: [ask('tools/call', 200, 'delete_all', 'mcpgw'), ask('tools/call', 200, 'anything'), ask('tools/list', 200, undefined, 'mcpgw')],
  identities: [userIdentity('root', 'admins', 'test/all', 'jwt')],
})

const everything = (status: number): Ask[] => [ask('tools/call', status, 'now'), ask('tools/list', status, undefined, 'mcpgw')]

const nobody = (name: string, headers: Record<string, string>): Caller => ({ name, headers, asks: everything(401), identities: [] })

/** All of them: those whom the policy knows, and those who only pretend. */
export async function allCallers(issuer: Issuer): Promise<Caller[]> {
  const forger = await makeKey(issuer.key.kid)
  return [
    await agent(issuer),
    await person(),
    await reader(issuer),
    await admin(issuer),
    nobody('stranger', {}),
    nobody('forged', bearer(await issuer.token({ scope: 'test/all' }, {}, forger))),
    nobody('expired', bearer(await issuer.token({ iat: now() - 4000, exp: now() - 1 }))),
    nobody('another cookie', { cookie: 'mcp_gateway_session=Fe26.2*1*x*y*z*1*a*b~2' }),
  ]
}
