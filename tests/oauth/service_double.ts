/** What the routes for MCP clients work with, without a pool and without a network. */
import { EVERY_SCOPE } from '../../src/gate/challenge.ts'
import type { Gate } from '../../src/gate/decide.ts'
import { createPolicy } from '../../src/gate/policy.ts'
import { createLog } from '../../src/log.ts'
import type { OAuthService } from '../../src/oauth/service.ts'
import { isServer } from '../../src/scopes/schema.ts'
import { createMemoryStore } from '../../src/session/ended.ts'
import { createSealer } from '../../src/session/seal.ts'

export const rule = (scope: string, server: string) => ({ scope, server, methods: ['ping'], tools: [], prompts: [], resources: [] })

export const GATE: Gate = {
  policy: createPolicy(
    [rule('t/call', 'now'), rule('t/other', 'later'), rule('t/all', '*')],
    ['t/call', 't/other', 't/all'],
    new Map([['people', ['t/call']]]),
  ),
  verifyToken: async () => ({ ok: false, reason: 'token_malformed' }),
  openSession: async () => ({ ok: false, reason: 'session_malformed' }),
  isServer,
  now: () => 1000,
  cookieName: 'sid',
  gateway: 'https://gate.test',
  allowedOrigins: new Set(),
  challengeScopes: EVERY_SCOPE,
  decisionCacheSeconds: 5,
}

export const MCP: NonNullable<OAuthService['mcp']> = {
  clientId: 'app1client',
  clientSecret: 'of-nobody-elses-business',
  domain: 'https://login.test',
  redirects: { loopback: true, known: true, exact: new Set() },
  documentHosts: null,
  resourceBinding: false,
}

export function createService(changes: Partial<OAuthService> = {}): OAuthService {
  const now = (): number => 1000
  return {
    login: null,
    gate: () => GATE,
    sealer: createSealer(['5f1d7a0c93be4826d1f0a7c4e8b29360']),
    openSession: GATE.openSession,
    ended: createMemoryStore(now),
    whenUnknown: 'closed',
    clientIds: null,
    sessionSeconds: 3600,
    cookieName: 'sid',
    gateway: 'https://gate.test',
    now,
    log: createLog('silent'),
    mcp: MCP,
    mcpScopes: '*',
    documents: null,
    stepUps: { challenged: () => {}, isAnswer: async () => false },
    issuers: ['https://issuer.test/pool', 'https://issuer.test/other'],
    loginPool: { issuers: ['https://issuer.test/pool'], jwksUrl: 'https://issuer.test/pool/.well-known/jwks.json' },
    ...changes,
  }
}
