/** A session for a program on the user's computer, handed over the loopback (RFC 8252 section 7.3) by a one-time code with PKCE. */
import { createHash, randomUUID } from 'node:crypto'
import type { LoggedIn } from '../cognito/login.ts'
import type { LoginReason } from '../cognito/login_reasons.ts'
import { StoreUnavailable } from '../session/ended.ts'
import { type PackedGroups, packGroups, unpackGroups } from '../session/groups.ts'
import { useOnce } from './begun.ts'
import { knownGroups, knowsGroup, type LoginService } from './service.ts'

/** Who asks: the program's listener, its state and its code challenge. */
export interface Handover {
  redirectUri: string
  state: string
  challenge: string
}

/** Seconds: for the person to agree, and for the program to fetch. */
const CONSENT = 300
const CODE = 60

/** Where a program may listen. The port is its own choice (RFC 8252 section 7.3). */
const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|localhost):[1-9]\d{0,4}\/callback$/
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/
const STATE = /^[A-Za-z0-9_-]{16,128}$/
/** RFC 7636 section 4.1. */
const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/

/** The request for a handover in the parameters of a login: null when there is none, undefined when it cannot be granted. */
export function readHandover(query: URLSearchParams): Handover | null | undefined {
  if (!query.has('code_challenge')) return null
  const [redirectUri, challenge, method, state] = ['redirect_uri', 'code_challenge', 'code_challenge_method', 'state'].map((name) => {
    const [value = '', ...others] = query.getAll(name)
    return others.length === 0 ? value : ''
  }) as [string, string, string, string]
  const fits =
    LOOPBACK.test(redirectUri) && URL.canParse(redirectUri) && method === 'S256' && CHALLENGE.test(challenge) && STATE.test(state)
  return fits ? { redirectUri, state, challenge } : undefined
}

/** The way back to the program with an answer (RFC 6749 section 4.1.2, `iss` by RFC 9207). */
export function backToProgram(
  { redirectUri, state }: Handover,
  gateway: string,
  answer: { code: string } | { error: LoginReason },
): string {
  return `${redirectUri}?${new URLSearchParams({ ...answer, state, iss: gateway })}`
}

interface Request {
  id: string
  user: Omit<LoggedIn, 'groups'> & { groups: PackedGroups }
  handover: Handover
  /** When the user logged in: what ends the user's sessions of that time ends this too. */
  issuedAt: number
  expiresAt: number
}

/** What the page that asks for consent sends back when the user agrees. */
export function sealRequest(service: LoginService, user: LoggedIn, handover: Handover): Promise<string> {
  const packed = { ...user, groups: packGroups(user.groups, knowsGroup(service)) }
  const issuedAt = service.now()
  return service.sealer.seal('handover_request', { id: randomUUID(), user: packed, handover, issuedAt, expiresAt: issuedAt + CONSENT })
}

export type Opened<T> = { ok: true; value: T } | { ok: false; reason: LoginReason }

async function openRequest(service: LoginService, purpose: 'handover_request' | 'handover_code', seal: string): Promise<Opened<Request>> {
  const request = (await service.sealer.open(purpose, seal)) as unknown as Request | null
  if (request === null) return { ok: false, reason: 'request_malformed' }
  if (!(service.now() < request.expiresAt)) return { ok: false, reason: 'login_expired' }
  const { id, user, issuedAt } = request
  try {
    if (await service.ended.has({ id: `request-login ${id}`, username: user.username, issuedAt }))
      return { ok: false, reason: 'login_expired' }
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    if (service.whenUnknown === 'closed') return { ok: false, reason: 'store_unavailable' }
  }
  return { ok: true, value: request }
}

/** The user has agreed: the address of the program, with a code. A request works once. */
export async function grantRequest(service: LoginService, seal: string): Promise<Opened<string>> {
  const opened = await openRequest(service, 'handover_request', seal)
  if (!opened.ok) return opened
  const { id, user, handover, issuedAt, expiresAt } = opened.value
  const used = await useOnce(service, `request ${id}`, expiresAt)
  if (used !== null) return { ok: false, reason: used }
  const code = await service.sealer.seal('handover_code', { id, user, handover, issuedAt, expiresAt: service.now() + CODE })
  return { ok: true, value: backToProgram(handover, service.gateway, { code }) }
}

/**
 * What a code stands for. It works once, for the program that holds the verifier, at the address that it was sent to
 * (RFC 6749 section 4.1.3, RFC 7636 section 4.6).
 */
export async function redeemCode(service: LoginService, form: URLSearchParams): Promise<Opened<LoggedIn>> {
  const opened = await openRequest(service, 'handover_code', form.get('code') ?? '')
  if (!opened.ok) return opened
  const { id, user, handover, expiresAt } = opened.value
  const verifier = form.get('code_verifier') ?? ''
  const proven = VERIFIER.test(verifier) && createHash('sha256').update(verifier).digest('base64url') === handover.challenge
  if (!proven || form.get('redirect_uri') !== handover.redirectUri) return { ok: false, reason: 'request_malformed' }
  const used = await useOnce(service, `code ${id}`, expiresAt)
  if (used !== null) return { ok: false, reason: used }
  return { ok: true, value: { ...user, groups: unpackGroups(user.groups, knownGroups(service)) } }
}
