/** What a public client posts to an OAuth endpoint, and who it says it is (RFC 6749 sections 2.3 and 3.2). */
import { isClientId } from './client.ts'
import type { OAuthService } from './service.ts'
import { refuse, type TokenAnswer } from './token.ts'

export type ClientForm = { ok: true; form: URLSearchParams; clientId: string } | { ok: false; refusal: TokenAnswer }

/**
 * @param body as it was sent
 * @param type its Content-Type, the empty string where there was none
 * @param authorization the header, where there was one: some clients send their id there, with an empty secret
 */
export function readClientForm(body: string, type: string, authorization: string | undefined, service: OAuthService): ClientForm {
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type))
    return no('invalid_request', 'Send a form: Content-Type application/x-www-form-urlencoded.')
  const sent = new URLSearchParams(body)
  if (new Set(sent.keys()).size < sent.size) return no('invalid_request', 'A parameter was sent more than once.')
  // Section 3.2: a parameter without a value counts as left out.
  const form = new URLSearchParams([...sent].filter(([, value]) => value !== ''))
  const basic = authorization === undefined ? null : basicOf(authorization)
  // Section 5.2. For a secret in a form it would let any site's form ask for a password in the gateway's name.
  const status = authorization === undefined ? 400 : 401
  if (basic === undefined || form.has('client_secret') || (basic?.secret ?? '') !== '')
    return no('invalid_client', 'Clients of this gateway have no secret. Send client_id alone.', status)
  const clientId = form.get('client_id') ?? basic?.id
  if (clientId === undefined) return no('invalid_request', 'client_id is missing.')
  if (basic && basic.id !== clientId) return no('invalid_request', 'The client_id and the Authorization header name two clients.')
  // Not 401: nothing that the client could send for authentication would help (section 5.2 allows either).
  if (!isClientId(clientId, service)) return no('invalid_client', 'The client_id is not one of this gateway. Register again.')
  return { ok: true, form, clientId }
}

const no = (...refusal: Parameters<typeof refuse>): ClientForm => ({ ok: false, refusal: refuse(...refusal) })

/** Undefined where it is of another kind (section 2.3.1). */
function basicOf(header: string): { id: string; secret: string } | undefined {
  const [, encoded = ''] = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(header) ?? []
  const [, id, secret = ''] = /^([^:]+):(.*)$/.exec(Buffer.from(encoded, 'base64').toString()) ?? []
  try {
    return id === undefined ? undefined : { id: decodeURIComponent(id), secret }
  } catch {
    return undefined
  }
}
