/** /oauth2/userInfo: who an access token speaks for. */
import type { Context } from 'hono'
import { words } from './authorize_request.ts'
import type { Service } from './service.ts'
import { attributesOf } from './tokens.ts'

const GONE = 'Access token is expired, disabled, or deleted, or the user has globally signed out.'

/**
 * Needs a user's access token with `openid`. `email_verified` is a string here and a boolean in the ID token: an oddity
 * of Amazon's that clients trip over.
 */
export async function userInfo(c: Context, service: Service): Promise<Response> {
  const token = /^bearer +([A-Za-z0-9._-]+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
  if (token === undefined) return refuse(c, 400, 'invalid_request', 'Bad OAuth2 request at UserInfo Endpoint')
  const claims = await service.keys.verify(token, new Date(service.now())).catch(() => undefined)
  const user = service.pool.users.find((one) => one.username === claims?.username)
  if (!claims || !user || claims.token_use !== 'access' || service.revoked.get(String(claims.origin_jti))) {
    return refuse(c, 401, 'invalid_token', GONE)
  }
  const scopes = words(String(claims.scope))
  if (!scopes.includes('openid')) return refuse(c, 401, 'invalid_token', 'Access token does not contain openid scope')
  const { email, email_verified } = attributesOf(user, scopes)
  return c.json({
    sub: claims.sub,
    ...(email === undefined ? {} : { email_verified: String(email_verified), email }),
    username: user.username,
  })
}

/** The challenge has no scheme word: the developer guide shows it so. */
function refuse(c: Context, status: 400 | 401, error: string, description: string): Response {
  const challenge = `error="${error}", error_description="${description}"`
  return c.json({ error, error_description: description }, status, { 'WWW-Authenticate': challenge })
}
