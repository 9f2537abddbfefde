/** The endpoints that programs call: /oauth2/token, /oauth2/revoke and /oauth2/userInfo. */
import { type Context, Hono } from 'hono'
import { authenticateClient } from './client_credentials.ts'
import { notAForm, type OAuthError, readForm } from './form.ts'
import { GRANTS } from './grants.ts'
import type { Service } from './service.ts'
import { userInfo } from './user_info.ts'

/** Routes for programs. */
export function backchannelRoutes(service: Service): Hono {
  const app = new Hono()
  app.post('/oauth2/token', (c) => token(c, service))
  app.all('/oauth2/token', notAForm)
  app.post('/oauth2/revoke', (c) => revoke(c, service))
  app.all('/oauth2/revoke', notAForm)
  app.on(['GET', 'POST'], '/oauth2/userInfo', (c) => userInfo(c, service))
  return app
}

/** Every refusal is a 400, also that of a client, which RFC 6749 section 5.2 would make a 401. */
async function token(c: Context, service: Service): Promise<Response> {
  c.header('Access-Control-Allow-Origin', '*')
  c.header('Cache-Control', 'no-store')
  c.header('Pragma', 'no-cache')
  const form = await readForm(c)
  if (!form) return notAForm(c)
  const refuse = (error: OAuthError) => c.json(error, 400)
  const grantType = form.get('grant_type')
  // RFC 6749 section 3.2: nothing twice. `resource` is not Cognito's parameter here and is not looked at.
  if (!grantType || repeatsAField(form, ['resource'])) return refuse({ error: 'invalid_request' })
  const redeem = GRANTS.get(grantType)
  if (!redeem) return refuse({ error: 'unsupported_grant_type' })
  const caller = authenticateClient(service.pool, c.req.header('authorization'), form)
  if ('refused' in caller) return refuse(caller.refused)
  const result = await redeem(service, caller.client, form)
  return 'refused' in result ? refuse(result.refused) : c.json(result.tokens)
}

/**
 * Ends one sign-in: the refresh token and, at the userInfo endpoint, every access token with its `origin_jti`. An unknown
 * token is a success (developer guide, revoke endpoint), and so is another client's, without any effect.
 */
async function revoke(c: Context, service: Service): Promise<Response> {
  const form = await readForm(c)
  if (!form) return notAForm(c)
  const caller = authenticateClient(service.pool, c.req.header('authorization'), form)
  if ('refused' in caller) return c.json(caller.refused, caller.refused.error === 'invalid_client' ? 401 : 400)
  const given = form.get('token')
  if (!given) return c.json({ error: 'invalid_request' }, 400)
  if (await isOurJwt(service, given)) return c.json({ error: 'unsupported_token_type' }, 400)
  const grant = service.refreshTokens.get(given)
  if (grant?.clientId === caller.client.id) {
    service.refreshTokens.take(given)
    service.revoked.put(grant.originJti, true)
  }
  return c.body(null, 200)
}

function isOurJwt(service: Service, text: string): Promise<boolean> {
  return service.keys.verify(text, new Date(service.now())).then(
    () => true,
    () => false,
  )
}

function repeatsAField(form: URLSearchParams, except: string[]): boolean {
  const names = [...form.keys()].filter((name) => !except.includes(name))
  return new Set(names).size < names.length
}
