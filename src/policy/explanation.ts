/** What is told about a decision. */
import type { Call } from '../gate/call.ts'
import type { Principal } from '../gate/principal.ts'
import type { Reason } from '../gate/refusal.ts'
import type { Lack } from './entries.ts'
import type { Remedy } from './remedies.ts'

export interface Asked {
  server: string
  call: Call | null
}

/** The names are those of `gatehouse explain --json`, which scripts may rely on. */
export interface Explanation {
  allowed: boolean
  server: string
  /** Null when it was only asked whether the server may be used at all. */
  method: string | null
  name: string | null
  /** What the validator answers NGINX. */
  status: number
  reason: Reason | null
  message: string | null
  /** `WWW-Authenticate`, and the scopes that it names: null where no other token would help. */
  challenge: string | null
  challenge_scope: string | null
  /** Null when the credential is not good. */
  identity: Identity | null
  groups: GroupScopes[]
  /** Scopes as the token carries them; null for a session. */
  token_scopes: TokenScope[] | null
  /** Whether scopes of a user's token narrowed what the groups give. */
  narrowed: boolean
  /** What is held in the end. */
  scopes: readonly string[]
  allowed_by: Place[]
  /** Held entries for the server that lack least. */
  nearest: (Place & { lacks: Lack[] })[]
  /** Scopes that would open the call, the one that the message names first. */
  would_open: { scope: string; groups: string[]; entries: Place[] }[]
  remedies: Remedy[]
  hints: string[]
}

export interface Identity {
  kind: 'user' | 'agent'
  user: string
  client_id: string
  auth_method: Principal['authMethod']
}

export interface GroupScopes {
  name: string
  /** Whether `group_mappings` has it. */
  mapped: boolean
  /** Scopes of the gate. */
  scopes: string[]
  /** What it is mapped to besides: scopes of the registry's web pages, and what nobody defines. */
  ui_scopes: string[]
  unknown_scopes: string[]
}

export interface TokenScope {
  name: string
  known: boolean
}

/** An entry's place in the file; `line` is null when it is not known. */
export interface Place {
  scope: string
  index: number
  line: number | null
  /** Those of the caller's groups that give the scope. */
  groups: string[]
}
