/** A decision of the gate with its derivation: who asks, what that gives, which entry opened the call or what is missing. */
import type { Call } from '../gate/call.ts'
import { decide, type Gate, type Question, type Verified } from '../gate/decide.ts'
import type { AccessToken, Principal, Session } from '../gate/principal.ts'
import { type Reason, refusal } from '../gate/refusal.ts'
import { type Decision, reply } from '../gate/reply.ts'
import { type Entry, entriesOf, entryOpens, groupsWith, isFor, lacksOf, type PolicyFile } from './entries.ts'
import type { Asked, Explanation, GroupScopes, Identity, Place } from './explanation.ts'
import { hintsFor } from './hints.ts'
import { remediesFor } from './remedies.ts'

/** Most entries that are named. */
const MAX_ENTRIES = 20
const WEAK: readonly Reason[] = ['server_not_allowed', 'method_not_allowed', 'name_not_allowed']

/**
 * Decides by the gate's own code and tells how it came about.
 * @param credential headers as a client would send them
 * @param gate as the validator has it; its `policy` must be the one of `source`
 */
export async function explain(
  { server, call }: Asked,
  credential: Pick<Question, 'authorization' | 'cookie'>,
  gate: Gate,
  source: PolicyFile,
): Promise<Explanation> {
  let token: AccessToken | null = null
  let session: Session | null = null
  const watched: Gate = {
    ...gate,
    verifyToken: async (text) => {
      const verified = await gate.verifyToken(text)
      token = goodOf(verified)
      return verified
    },
    openSession: async (seal) => {
      const opened = await gate.openSession(seal)
      session = goodOf(opened)
      return opened
    },
  }
  const coded = call === null ? undefined : codeOf(call)
  const decision = await decide({ ...credential, origin: undefined, server, httpMethod: 'POST', call: coded }, watched)
  return derive({ asked: { server, call }, decision, token, session, gateway: gate.gateway, source })
}

const goodOf = <T>(verified: Verified<T>): T | null => (verified.ok ? verified.value : null)

/** `X-Mcp-Call`, as NGINX writes it. */
export function codeOf({ method, name }: Call): string {
  return Buffer.from(JSON.stringify(name === null ? { method } : { method, name })).toString('base64url')
}

interface Decided {
  asked: Asked
  decision: Decision
  token: AccessToken | null
  session: Session | null
  gateway: string
  source: PolicyFile
}

function derive(decided: Decided): Explanation {
  const { asked, decision, token, session, gateway, source } = decided
  const { server, call } = asked
  const { status, headers } = reply(decision, server, gateway)
  const allowed = decision.kind === 'allow'
  const reason = allowed ? null : decision.reason
  const groups = [...new Set(session?.groups ?? (token?.username == null ? [] : token.groups))]
  const held = decision.principal?.scopes ?? []
  return {
    allowed,
    server,
    method: call?.method ?? null,
    name: call?.name ?? null,
    status,
    reason,
    message: reason === null ? null : (headers['X-Gatehouse-Message'] ?? refusal(reason).message),
    challenge: headers['WWW-Authenticate'] ?? null,
    challenge_scope: allowed ? null : decision.scope,
    identity: decision.principal && identityOf(decision.principal, token),
    groups: groups.map((name) => groupScopes(name, source)),
    token_scopes: token === null ? null : token.scopes.map((name) => ({ name, known: source.policy.knows(name) })),
    narrowed: isNarrowed(token, source),
    scopes: held,
    ...rights(decided, groups, held),
  }
}

const isNarrowed = (token: AccessToken | null, { policy }: PolicyFile): boolean =>
  token !== null && token.username !== null && token.scopes.some((scope) => policy.narrows(scope))

function identityOf({ user, clientId, authMethod }: Principal, token: AccessToken | null): Identity {
  return { kind: token !== null && token.username === null ? 'agent' : 'user', user, client_id: clientId, auth_method: authMethod }
}

function groupScopes(name: string, { policy, file }: PolicyFile): GroupScopes {
  const mapped = file.groups.get(name)
  const others = [...new Set(mapped ?? [])].filter((scope) => !policy.knows(scope))
  const isUi = (scope: string): boolean => file.uiScopes.has(scope)
  return {
    name,
    mapped: mapped !== undefined,
    scopes: policy.scopesOf([name]),
    ui_scopes: others.filter(isUi),
    unknown_scopes: others.filter((scope) => !isUi(scope)),
  }
}

type Rights = Pick<Explanation, 'allowed_by' | 'nearest' | 'would_open' | 'remedies' | 'hints'>

/** Which entries decided, or would. */
function rights({ asked, decision, token, source }: Decided, groups: readonly string[], held: readonly string[]): Rights {
  const { server, call } = asked
  const entries = entriesOf(source.file).filter((entry) => isFor(entry, server))
  const mine = entries.filter(({ scope }) => held.includes(scope))
  const place = placer(source, groups)
  const none: Rights = { allowed_by: [], nearest: [], would_open: [], remedies: [], hints: [] }
  if (decision.kind === 'allow') {
    const opening = mine.filter((entry) => entryOpens(entry, server, call))
    return { ...none, allowed_by: opening.slice(0, MAX_ENTRIES).map(place) }
  }
  if (decision.principal === null || !WEAK.includes(decision.reason)) return none
  const nearest = call === null ? [] : nearestOf(mine, call)
  const openers = openersOf(decision.lacking?.scope ?? null, asked, source)
  const byToken = token !== null && (token.username === null || isNarrowed(token, source))
  const leftOut = source.policy.scopesOf(groups).filter((scope) => !held.includes(scope))
  const limited = decision.lacking?.remedy === 'client'
  const user = token !== null && token.username === null ? null : decision.principal.user
  const clientId = decision.principal.clientId
  return {
    ...none,
    nearest: nearest.map((entry) => ({ ...place(entry), lacks: call === null ? [] : lacksOf(entry, call) })),
    would_open: openers.map((scope) => {
      const opening = entries.filter((entry) => entry.scope === scope && entryOpens(entry, server, call))
      return { scope, groups: groupsWith(source.file, scope), entries: opening.slice(0, MAX_ENTRIES).map(place) }
    }),
    remedies: remediesFor({ server, call, user, clientId, groups, leftOut, limited, byToken, held, nearest, openers }, source),
    hints: hintsFor(asked, mine, groups, source),
  }
}

const placer =
  ({ policy, lineOf }: PolicyFile, groups: readonly string[]) =>
  ({ scope, index }: Entry): Place => {
    return { scope, index, line: lineOf([scope, index]), groups: groups.filter((group) => policy.scopesOf([group]).includes(scope)) }
  }

function nearestOf(entries: readonly Entry[], call: Call): Entry[] {
  const fewest = Math.min(...entries.map((entry) => lacksOf(entry, call).length))
  return entries.filter((entry) => lacksOf(entry, call).length === fewest).slice(0, MAX_ENTRIES)
}

function openersOf(first: string | null, { server, call }: Asked, { policy, file }: PolicyFile): string[] {
  const opens = (scope: string): boolean => (call === null ? policy.opens([scope], server) : policy.permits([scope], server, call))
  const found = file.scopes.filter(opens)
  return first === null ? found : [first, ...found.filter((scope) => scope !== first)]
}
