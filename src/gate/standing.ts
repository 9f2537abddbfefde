/** Who a verified caller is on one server and what that opens there, worked out once: nothing of it depends on the clock. */
import { type Call, LISTS } from './call.ts'
import type { Gate, Verified } from './decide.ts'
import type { Policy } from './policy.ts'
import { type AccessToken, audienceFits, type Principal, principalOfSession, principalOfToken, type Session } from './principal.ts'
import { MAX_ALLOW_SET, MAX_LIST_SET } from './reply.ts'

type Caller = AccessToken | Session

type Servers = Map<string | null, Standing>

/** Those who asked lately, and those who did before them: what nobody asks for goes with the older half. */
interface Lately {
  newer: Map<Caller, Servers>
  older: Map<Caller, Servers>
}

/**
 * A gate is one policy's, and a caller is remembered as the object that was verified: whatever makes another one of either, be it a changed
 * policy or a token that had to be verified again, finds nothing here.
 */
const known = new WeakMap<Gate, Lately>()

/** Most callers in either half. */
const MOST_CALLERS = 500
/** Most servers for which a caller is remembered at a time. */
const MOST_SERVERS = 64

/** @param server null where no server is meant, and then nothing is open */
export function standingOfToken(token: AccessToken, server: string | null, gate: Gate): Verified<Standing> {
  if (!audienceFits(token.audience, gate.gateway, server)) return { ok: false, reason: 'token_audience' }
  return { ok: true, value: recall(token, server, gate, principalOfToken) }
}

/** @param server as above */
export function standingOfSession(session: Session, server: string | null, gate: Gate): Verified<Standing> {
  return { ok: true, value: recall(session, server, gate, principalOfSession) }
}

function recall<C extends Caller>(
  caller: C,
  server: string | null,
  gate: Gate,
  principalOf: (caller: C, policy: Policy) => Principal,
): Standing {
  const servers = serversOf(caller, known.get(gate) ?? entry(known, gate, { newer: new Map(), older: new Map() }))
  const found = servers.get(server)
  if (found !== undefined) return found
  if (servers.size >= MOST_SERVERS) servers.clear()
  return entry(servers, server, new Standing(principalOf(caller, gate.policy), server, gate.policy))
}

function serversOf(caller: Caller, lately: Lately): Servers {
  const found = lately.newer.get(caller)
  if (found !== undefined) return found
  if (lately.newer.size >= MOST_CALLERS) {
    lately.older = lately.newer
    lately.newer = new Map()
  }
  return entry(lately.newer, caller, lately.older.get(caller) ?? new Map())
}

function entry<K, V>(map: { set(key: K, value: V): unknown }, key: K, value: V): V {
  map.set(key, value)
  return value
}

export class Standing {
  readonly principal: Principal
  /** Whether anything on the server is open. */
  readonly opens: boolean
  private readonly compute: (limit: number, list?: string) => string | null
  private whole: string | null | undefined = undefined
  private lists: Map<string, string | null> | undefined = undefined

  constructor(principal: Principal, server: string | null, policy: Policy) {
    this.principal = principal
    this.opens = server !== null && policy.opens(principal.scopes, server)
    this.compute = (limit, list) => (server === null ? null : policy.allowSet(principal.scopes, server, limit, list))
  }

  /** What NGINX lets calls pass by; for the call of a list what it shows of the list, which may be more than has room in every answer. */
  allowSet(call: Call | null): string | null {
    const list = call === null ? undefined : LISTS.get(call.method)
    if (list === undefined) {
      if (this.whole === undefined) this.whole = this.compute(MAX_ALLOW_SET)
      return this.whole
    }
    this.lists ??= new Map()
    const shown = this.lists.get(list)
    return shown === undefined ? entry(this.lists, list, this.compute(MAX_LIST_SET, list)) : shown
  }
}
