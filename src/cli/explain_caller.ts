/** The caller that `gatehouse explain` is asked about, put to the gate. */

import { readGateway } from '../config.ts'
import { readClientIds } from '../config_cognito.ts'
import { readMcpScopes } from '../config_mcp.ts'
import { type ChallengeScopes, challengeScopesOf } from '../gate/challenge.ts'
import type { Gate } from '../gate/decide.ts'
import { askedFrom } from '../policy/asked.ts'
import { type Assumed, assume, type Caller } from '../policy/assumed.ts'
import type { PolicyFile } from '../policy/entries.ts'
import { explain } from '../policy/explain.ts'
import type { Explanation } from '../policy/explanation.ts'
import { ConfigError, type Environment, SettingsReader } from '../settings.ts'
import { CommandError, EXIT } from './exit.ts'
import { realGate } from './explain_gate.ts'
import { loadPolicy } from './policy_source.ts'
import { readCredential } from './whoami_credential.ts'

export interface CallerOptions {
  user?: string
  groups?: string
  agent?: string
  scopes?: string
  tokenFile?: string
  cookieFile?: string
}

interface Question {
  server: string
  method: string | undefined
  name: string | undefined
}

export interface Surroundings {
  /** Public URL of the gateway. */
  gateway: string
  gatewayIsSet: boolean
  /** Null for every client of the pool; undefined where no setting says. */
  clientIds: ReadonlySet<string> | null | undefined
  challengeScopes: ChallengeScopes
}

export interface Answered {
  explanation: Explanation
  /** What could not be known here. */
  notes: string[]
}

const usage = (message: string): CommandError => new CommandError(EXIT.usage, message)

/** @throws {CommandError} or {ConfigError} when the question cannot be put */
export async function answer(question: Question, options: CallerOptions, scopesFile: string, env: Environment): Promise<Answered> {
  const asked = askedFrom(question.server, question.method, question.name)
  if ('problem' in asked) throw usage(`${asked.problem}. Usage: gatehouse explain … SERVER [METHOD] [NAME]`)
  const caller = assumedCaller(options)
  const around = surroundings(env)
  const source = await loadPolicy(scopesFile)
  const { gate, credential } = caller === null ? await fromFile(options, source, around, env) : assumption(caller, source, around)
  const explanation = await explain(asked, credential, gate, source)
  if (explanation.reason === 'keys_unavailable') {
    throw new CommandError(EXIT.failed, `${explanation.message} The token could not be verified, so nothing is known about the call.`)
  }
  return { explanation, notes: notesOn(explanation, options, around) }
}

const words = (text = ''): string[] => text.split(/[\s,]+/).filter((word) => word !== '')

/** Groups of Cognito have no spaces (AWS, API_CreateGroup, GroupName). */
function assumedCaller({ user, groups, agent, scopes, tokenFile, cookieFile }: CallerOptions): Caller | null {
  if (user !== undefined) {
    if (scopes === undefined) return { kind: 'session', user, groups: words(groups) }
    return { kind: 'user_token', user, groups: words(groups), scopes: words(scopes) }
  }
  if (groups !== undefined) throw usage('--groups are those of a user: add --user NAME')
  if (agent !== undefined) return { kind: 'agent', client: agent, scopes: words(scopes) }
  if (scopes !== undefined) throw usage('--scopes are those of an agent or of a user: add --agent CLIENT or --user NAME')
  if (tokenFile === undefined && cookieFile === undefined)
    throw usage('Who is calling? Say it by --user NAME --groups …, --agent CLIENT --scopes …, --token-file FILE or --cookie-file FILE')
  return null
}

/** The settings that are there; missing ones are no trouble, wrong ones are. */
function surroundings(env: Environment): Surroundings {
  const reader = new SettingsReader(env)
  const gatewayIsSet = reader.text('REGISTRY_URL') !== undefined
  const gateway = gatewayIsSet ? readGateway(reader) : 'https://mcp.example.com'
  const clientIds = reader.text('ALLOWED_CLIENT_IDS') === undefined ? undefined : readClientIds(reader)
  const told = reader.choice('CHALLENGE_SCOPES', ['server', 'operation'], 'server')
  const mcpClient = reader.text('COGNITO_MCP_CLIENT_ID') ?? reader.text('COGNITO_CLIENT_ID') ?? null
  const challengeScopes = challengeScopesOf(told, readMcpScopes(reader), mcpClient)
  if (reader.problems.length > 0) throw new ConfigError(reader.problems)
  return { gateway, gatewayIsSet, clientIds, challengeScopes }
}

function assumption(caller: Caller, { policy }: PolicyFile, { gateway, clientIds }: Surroundings): Assumed {
  const assumed = assume(caller, policy, gateway)
  if (caller.kind !== 'agent' || !clientIds || clientIds.has(caller.client)) return assumed
  const gate: Gate = { ...assumed.gate, verifyToken: async () => ({ ok: false, reason: 'token_client' }) }
  return { ...assumed, gate }
}

async function fromFile(options: CallerOptions, source: PolicyFile, around: Surroundings, env: Environment): Promise<Assumed> {
  const credential = readCredential(options.tokenFile, options.cookieFile)
  const gate = await realGate(credential.kind, source.policy, around, env)
  if (credential.kind === 'token') return { gate, credential: { authorization: `Bearer ${credential.token}`, cookie: undefined } }
  return { gate, credential: { authorization: undefined, cookie: `${gate.cookieName}=${credential.cookie.value}` } }
}

function notesOn({ challenge, reason, identity }: Explanation, options: CallerOptions, around: Surroundings): string[] {
  const notes: string[] = []
  const { gateway, gatewayIsSet, clientIds } = around
  if (!gatewayIsSet && (challenge !== null || reason === 'token_audience')) notes.push(`REGISTRY_URL is not set; ${gateway} stands for it.`)
  if (options.tokenFile !== undefined && clientIds === undefined)
    notes.push('ALLOWED_CLIENT_IDS is not set, so app clients were not compared with it.')
  if (options.cookieFile !== undefined && identity !== null)
    notes.push('Whether the session was ended before its time, only the gateway knows.')
  return notes
}
