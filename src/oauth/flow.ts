/** What travels sealed between the steps of a client's login, so that any validator can take the next one. */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { LoginReason } from '../cognito/login_reasons.ts'
import { useOnce } from '../login/begun.ts'
import type { ClientRequest } from './authorize_request.ts'
import { OAUTH_PATHS, type OAuthService } from './service.ts'

/** Seconds: for the user to agree, for the way through Cognito, for the client to fetch its tokens (Cognito's codes live five minutes). */
const CONSENT = 600
const WAY = 600
const CODE = 240

/** The request that the consent page sends back. */
export const sealRequest = (service: OAuthService, request: ClientRequest): Promise<string> =>
  service.sealer.seal('client_request', { request, expiresAt: service.now() + CONSENT })

export async function openRequest(service: OAuthService, seal: string): Promise<ClientRequest | 'request_malformed' | 'login_expired'> {
  const data = (await service.sealer.open('client_request', seal)) as { request: ClientRequest; expiresAt: number } | null
  if (data === null) return 'request_malformed'
  return service.now() < data.expiresAt ? data.request : 'login_expired'
}

interface State {
  id: string
  request: ClientRequest
  /** Digest of the secret in the cookie of the browser in which the user has agreed. */
  browser: string
  expiresAt: number
}

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url')

/** A secret of a browser's own, by which it is known when it comes back from Cognito. */
export const newBrowserId = (): string => randomBytes(24).toString('base64url')

/** The address of Cognito's that the user is sent to (AWS developer guide, authorize endpoint). The challenge is the client's own. */
export async function cognitoUrl(service: OAuthService, request: ClientRequest, browserId: string): Promise<string> {
  const { clientId, domain, resourceBinding } = service.mcp as NonNullable<OAuthService['mcp']>
  const state: State = { id: randomUUID(), request, browser: digest(browserId), expiresAt: service.now() + WAY }
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: service.gateway + OAUTH_PATHS.callback,
    scope: request.scopes.join(' '),
    state: await service.sealer.seal('client_state', { ...state }),
    code_challenge: request.challenge,
    code_challenge_method: 'S256',
    ...(resourceBinding && request.resource !== null && { resource: request.resource }),
    ...(request.prompt !== null && { prompt: request.prompt }),
  })
  return `${domain}/oauth2/authorize?${query}`
}

export type Opened<T> = { ok: true; value: T } | { ok: false; reason: LoginReason }

/** The request that comes back with this state: once, within ten minutes, in the browser in which the user has agreed. */
export async function takeState(service: OAuthService, seal: string, browserId: string | null): Promise<Opened<ClientRequest>> {
  const state = (await service.sealer.open('client_state', seal)) as unknown as State | null
  if (state === null || browserId === null || digest(browserId) !== state.browser) return { ok: false, reason: 'login_unknown' }
  if (!(service.now() < state.expiresAt)) return { ok: false, reason: 'login_expired' }
  const reason = await useOnce(service, `client state ${state.id}`, state.expiresAt)
  return reason === null ? { ok: true, value: state.request } : { ok: false, reason }
}

/** What a client's code stands for. */
export interface ClientCode extends Pick<ClientRequest, 'clientId' | 'redirectUri' | 'challenge' | 'scopes' | 'resource'> {
  id: string
  /** Cognito's own. */
  code: string
  expiresAt: number
}

export function sealCode(service: OAuthService, code: string, request: ClientRequest): Promise<string> {
  const { clientId, redirectUri, challenge, scopes, resource } = request
  const value: ClientCode = { id: randomUUID(), code, clientId, redirectUri, challenge, scopes, resource, expiresAt: service.now() + CODE }
  return service.sealer.seal('client_code', { ...value })
}

/** Null when it is none, or too old. */
export async function openCode(service: OAuthService, seal: string): Promise<ClientCode | null> {
  const code = (await service.sealer.open('client_code', seal)) as unknown as ClientCode | null
  return code !== null && service.now() < code.expiresAt ? code : null
}
