import * as assert from '../support/assert.ts'
import { type LoginWorld, startLoginWorld, walk } from '../support/login_world.ts'
import { suite } from '../support/suite.ts'
import { allow, ask, CALLBACK, postForm, reachClient, redeem, register, requestOf, STATE, tokens } from './client_case.ts'

const flow = suite<{ w: LoginWorld }>('an MCP client signs its user in')

flow.before(async (context) => {
  context.w = await startLoginWorld()
})
flow.after(({ w }) => w.close())

const call = (w: LoginWorld, token: unknown, message: object) =>
  fetch(`${w.url}/currenttime/mcp`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, ...message }),
  })

flow('from the challenge to a call, with nothing but the address of the server', async ({ w }) => {
  const refused = await call(w, '', { method: 'tools/list' })
  assert.is(refused.status, 401)
  const challenge = refused.headers.get('www-authenticate') ?? ''
  const document = (await (await fetch(/resource_metadata="([^"]*)"/.exec(challenge)?.[1] ?? '')).json()) as Record<string, unknown>
  assert.equal(document.authorization_servers, [w.url])
  assert.equal(document.resource, `${w.url}/currenttime/mcp`)
  const server = (await (await fetch(`${w.url}/.well-known/oauth-authorization-server`)).json()) as Record<string, string>
  assert.is(server.issuer, w.url)
  const { status, body: client } = await register(w, { client_name: 'Probe', redirect_uris: [CALLBACK] })
  assert.is(status, 201)
  const granted = await tokens(w, 'rosa', { client_id: client.client_id as string, scope: 'test/now' })
  assert.is(granted.token_type, 'Bearer')
  assert.is(granted.scope, 'test/now')
  assert.is(granted.id_token, undefined)
  assert.is((await call(w, granted.access_token, { method: 'tools/call', params: { name: 'now' } })).status, 200)
  assert.is((await call(w, granted.access_token, { method: 'tools/call', params: { name: 'later' } })).status, 403)
})

flow('the answer bears the client its state and the issuer', async ({ w }) => {
  const answer = await reachClient(w, w.browser())
  assert.equal([...answer.keys()], ['code', 'state', 'iss'])
  assert.is(answer.get('state'), STATE)
  assert.is(answer.get('iss'), w.url)
})

flow('a client without a state gets none back', async ({ w }) => {
  assert.equal([...(await reachClient(w, w.browser(), 'rosa', { state: null })).keys()], ['code', 'iss'])
})

flow('who has agreed is not asked again for the same client, and is for another one', async ({ w }) => {
  const browser = w.browser()
  await reachClient(w, browser)
  assert.match((await ask(w, browser)).location ?? '', `${w.domain}/oauth2/authorize?`)
  assert.is((await ask(w, browser, { redirect_uri: 'http://127.0.0.1:41235/callback' })).status, 200)
  assert.is((await ask(w, browser, { redirect_uri: 'https://claude.ai/api/mcp/auth_callback' })).status, 200)
  assert.is((await ask(w, browser, { prompt: 'consent' })).status, 200, 'unless the client wants it')
  assert.is((await ask(w, w.browser())).status, 200, 'and in another browser')
})

flow('who has agreed to some scopes is asked again for more, or for others', async ({ w }) => {
  const browser = w.browser()
  await reachClient(w, browser, 'rosa', { scope: 'test/now' })
  assert.is((await ask(w, browser, { scope: 'test/now' })).status, 302)
  assert.is((await ask(w, browser, { scope: 'test/now test/list' })).status, 200)
  assert.is((await ask(w, browser, { scope: 'test/list' })).status, 200)
  assert.is((await ask(w, browser, { scope: null })).status, 200)
})

flow('who signs out has agreed to nothing any more', async ({ w }) => {
  const browser = w.browser()
  await reachClient(w, browser)
  assert.is((await ask(w, browser)).status, 302)
  await browser.post(`${w.url}/oauth2/logout/cognito`, {})
  assert.is((await ask(w, browser)).status, 200)
})

flow('what the browser adds to the scopes on the way to Cognito is not handed on', async ({ w }) => {
  const browser = w.browser()
  const { location } = await allow(w, browser, requestOf(await ask(w, browser, { scope: 'test/list' })))
  const raised = new URL(location ?? '')
  raised.searchParams.set('scope', 'test/list test/all')
  const visits = await walk(browser, await browser.get(raised.href), 'admin', CALLBACK)
  const code = new URL(visits.at(-1)?.location ?? '').searchParams.get('code') ?? ''
  const answer = await redeem(w, code)
  assert.is(`${answer.status} ${JSON.parse(answer.body).error}`, '400 invalid_scope')
})

flow('a refresh right after a challenge is none, for the client that was challenged alone', async ({ w }) => {
  const [challenged, other] = [await tokens(w, 'admin', { scope: 'test/list' }), await tokens(w, 'admin', { scope: 'test/list' })]
  const refresh = (granted: Record<string, unknown>) =>
    postForm(w, '/oauth2/token', { grant_type: 'refresh_token', client_id: 'web', refresh_token: String(granted.refresh_token) })
  const refused = await call(w, challenged.access_token, { method: 'tools/call', params: { name: 'now' } })
  assert.is(refused.status, 403)
  assert.match(refused.headers.get('www-authenticate') ?? '', 'scope="test/all", error="insufficient_scope"')
  assert.is((await refresh(other)).status, 200)
  const asked = w.exchanges.length
  const answer = await refresh(challenged)
  assert.is(`${answer.status} ${JSON.parse(answer.body).error}`, '400 server_error')
  assert.is(w.exchanges.length, asked, 'Cognito, which may replace the token, was not asked')
  assert.is((await refresh(challenged)).status, 200, 'once')
})

flow('Cognito is asked with its own client, the challenge of the client and known scopes alone', async ({ w }) => {
  const browser = w.browser()
  const page = await ask(w, browser, { scope: 'openid offline_access phone test/list test/nonsense test/now' })
  const { searchParams } = new URL((await allow(w, browser, requestOf(page))).location ?? '')
  assert.is(searchParams.get('client_id'), 'web')
  assert.is(searchParams.get('redirect_uri'), `${w.url}/oauth2/callback/mcp`)
  assert.is(searchParams.get('scope'), 'test/now test/list')
  assert.is(searchParams.get('code_challenge_method'), 'S256')
  assert.is(searchParams.get('resource'), null)
  assert.not.match(searchParams.get('state') ?? '', STATE)
})

flow('whoever asks for no known scope gets what the server needs', async ({ w }) => {
  for (const scope of [null, 'offline_access', 'openid profile']) {
    const browser = w.browser()
    const { location } = await allow(w, browser, requestOf(await ask(w, browser, { scope })))
    assert.is(new URL(location ?? '').searchParams.get('scope'), 'test/now test/list test/all', String(scope))
  }
})

flow('a token is refreshed and then revoked', async ({ w }) => {
  const { refresh_token } = (await tokens(w, 'rosa', { scope: 'test/now' })) as Record<string, string>
  const refresh = () => postForm(w, '/oauth2/token', { grant_type: 'refresh_token', client_id: 'web', refresh_token: refresh_token ?? '' })
  const refreshed = await refresh()
  assert.is(refreshed.status, 200, refreshed.body)
  const { access_token, scope, id_token } = JSON.parse(refreshed.body) as Record<string, string>
  assert.is(scope, 'test/now')
  assert.is(id_token, undefined)
  assert.is((await call(w, access_token, { method: 'tools/list' })).status, 200)
  const revoked = await postForm(w, '/oauth2/revoke', { client_id: 'web', token: refresh_token ?? '' })
  assert.is(revoked.status, 200, revoked.body)
  const after = await refresh()
  assert.is(after.status, 400)
  assert.is((JSON.parse(after.body) as Record<string, string>).error, 'invalid_grant')
})

flow('a code works once', async ({ w }) => {
  const code = (await reachClient(w, w.browser())).get('code') ?? ''
  assert.is((await redeem(w, code)).status, 200)
  const again = await redeem(w, code)
  assert.is(again.status, 400)
  assert.match(again.body, 'invalid_grant')
})

flow('nothing secret is in a log or in what a client gets', async ({ w }) => {
  const granted = await tokens(w)
  const told = JSON.stringify(granted) + w.gateway.logs()
  for (const secret of w.secrets) assert.not.match(told, secret)
  for (const token of [granted.access_token, granted.refresh_token]) assert.not.match(w.gateway.logs(), token as string)
})

flow.run()
