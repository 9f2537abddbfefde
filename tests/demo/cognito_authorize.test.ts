import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { authorizeQuery, CALLBACK, CHALLENGE, codeFor, cookieOf, LOGOUT, signIn, startSample, visit } from './sample_pool.ts'

const browser = suite('Cognito stand-in: what a browser sees')
let cognito: Awaited<ReturnType<typeof startSample>>
browser.before(async () => {
  cognito = await startSample()
})
browser.after(() => cognito.close())

type Changes = Record<string, string | undefined>
const locationOf = (response: Response) => response.headers.get('location')?.replace(cognito.origin, '')
const DENIED = (description: string) => `${CALLBACK}?error_description=${description}&state=S&error=invalid_request`
const INVALID = `${CALLBACK}?state=S&error=invalid_request`

const REFUSALS: [string, Changes, string][] = [
  ['an unknown redirect_uri', { redirect_uri: 'http://localhost:9999/other' }, '/error?error=redirect_mismatch&client_id=webclient'],
  [
    'another port in redirect_uri',
    { redirect_uri: 'http://localhost:9998/callback' },
    '/error?error=redirect_mismatch&client_id=webclient',
  ],
  ['a trailing slash in redirect_uri', { redirect_uri: `${CALLBACK}/` }, '/error?error=redirect_mismatch&client_id=webclient'],
  ['127.0.0.1 for localhost', { redirect_uri: 'http://127.0.0.1:9999/callback' }, '/error?error=redirect_mismatch&client_id=webclient'],
  ['a missing redirect_uri', { redirect_uri: undefined }, '/error?error=Required+parameters+missing'],
  ['a missing client_id', { client_id: undefined }, '/error?error=Required+parameters+missing'],
  ['an unknown client', { client_id: 'nobody' }, '/error?error=invalid_client&client_id=nobody'],
  ['an un-allowed scope', { scope: 'openid phone' }, DENIED('invalid_scope')],
  ['offline_access', { scope: 'openid offline_access' }, DENIED('invalid_scope')],
  [
    'an un-allowed scope without state',
    { scope: 'x', state: undefined },
    `${CALLBACK}?error_description=invalid_scope&error=invalid_request`,
  ],
  ['the implicit flow', { response_type: 'token' }, `${CALLBACK}#error_description=unauthorized_client&state=S&error=invalid_request`],
  ['a machine client', { client_id: 'agent', scope: 'tools/read' }, DENIED('unauthorized_client')],
  ['an unknown response type', { response_type: 'id_token' }, INVALID],
  ['a missing response type', { response_type: undefined }, INVALID],
  ['PKCE plain', { code_challenge: CHALLENGE, code_challenge_method: 'plain' }, INVALID],
  ['a challenge without a method', { code_challenge: CHALLENGE }, INVALID],
  ['a method without a challenge', { code_challenge_method: 'S256' }, INVALID],
  ['a challenge that is too short', { code_challenge: 'short', code_challenge_method: 'S256' }, INVALID],
  ['a resource that is no URL', { resource: 'mcp' }, INVALID],
  ['a plain http resource that is not localhost', { resource: 'http://127.0.0.1/mcp' }, INVALID],
  ['an identity provider the pool does not have', { identity_provider: 'Google' }, DENIED('Identity+provider+does+not+exist.')],
  ['prompt=none without a session', { prompt: 'none' }, `${CALLBACK}?error=login_required&state=S`],
]
for (const [what, changes, expected] of REFUSALS) {
  browser(`${what} is refused`, async () => {
    const response = await visit(`${cognito.origin}/oauth2/authorize?${authorizeQuery(changes)}`)
    assert.equal([response.status, locationOf(response)], [302, expected])
  })
}

browser('two resources are refused', async () => {
  const query = `${authorizeQuery({ resource: 'https://a.test' })}&resource=https%3A%2F%2Fb.test`
  assert.is(locationOf(await visit(`${cognito.origin}/oauth2/authorize?${query}`)), INVALID)
})

browser('the sign-in page refuses what the authorize endpoint refuses', async () => {
  const response = await visit(`${cognito.origin}/login?${authorizeQuery({ scope: 'phone' })}`)
  assert.is(locationOf(response), DENIED('invalid_scope'))
})

browser('a state that is JSON ends in an empty 400', async () => {
  const response = await visit(`${cognito.origin}/oauth2/authorize?${authorizeQuery({ state: '{"a":1}' })}`)
  assert.equal([response.status, await response.text()], [400, ''])
})

browser('the error page is a 400 and escapes what it shows', async () => {
  const response = await visit(`${cognito.origin}/error?error=%3Cscript%3E`)
  const page = await response.text()
  assert.is(response.status, 400)
  assert.match(page, 'An error was encountered with the requested page.')
  assert.match(page, '&lt;script&gt;')
  assert.not.match(page, '<script')
})

browser('authorize takes GET only', async () => {
  assert.is((await fetch(`${cognito.origin}/oauth2/authorize`, { method: 'POST', body: 'a=b' })).status, 405)
})

browser('authorize sends a stranger to the sign-in page with the same parameters', async () => {
  const query = authorizeQuery({ nonce: 'n', prompt: 'login' })
  const response = await visit(`${cognito.origin}/oauth2/authorize?${query}`)
  assert.equal([response.status, locationOf(response)], [302, `/login?${query}`])
})

browser('the sign-in page says what it is, labels its fields and cannot be framed', async () => {
  const response = await visit(`${cognito.origin}/login?${authorizeQuery()}`)
  const page = await response.text()
  assert.is(response.status, 200)
  assert.match(page, '<title>Sign in - LOCAL STAND-IN, NOT AMAZON COGNITO</title>')
  assert.match(page, '<label for="username">')
  assert.match(page, '<label for="password">')
  assert.match(response.headers.get('content-security-policy') ?? '', "frame-ancestors 'none'")
  assert.match(response.headers.getSetCookie().join(), /XSRF-TOKEN=[0-9a-f-]{36}; Path=\/; HttpOnly; SameSite=Lax/)
})

browser('a right password leads to the callback with a code, the state and a session of one hour', async () => {
  const response = await signIn(cognito, authorizeQuery({ state: 'a/b+c=' }), 'rosa', 'rosa-pw')
  const location = response.headers.get('location') ?? ''
  assert.is(response.status, 302)
  assert.match(location, /^http:\/\/localhost:9999\/callback\?code=[0-9a-f-]{36}&state=/)
  assert.is(new URL(location).searchParams.get('state'), 'a/b+c=')
  assert.match(response.headers.getSetCookie().join(), /cognito=[^;]+; Max-Age=3600; Path=\/; HttpOnly; SameSite=Lax/)
})

for (const [redirect_uri, start] of [
  ['app://callback', 'app://callback?code='],
  ['http://localhost:9999/q?a=1', 'http://localhost:9999/q?a=1&code='],
] as const) {
  browser(`the callback ${redirect_uri} is kept as it is`, async () => {
    const response = await signIn(cognito, authorizeQuery({ redirect_uri }), 'rosa', 'rosa-pw')
    assert.ok(response.headers.get('location')?.startsWith(start))
  })
}

for (const [username, password] of [
  ['rosa', 'wrong'],
  ['rosa', ''],
  ['unknown', ''],
  ['unknown', 'rosa-pw'],
] as const) {
  browser(`${username} with the password "${password}" stays on the page`, async () => {
    const response = await signIn(cognito, authorizeQuery(), username, password)
    assert.is(response.status, 200)
    assert.match(await response.text(), 'Incorrect username or password.')
    assert.is(cookieOf(response, 'cognito'), '')
  })
}

browser('a form without the token of its cookie is refused', async () => {
  const url = `${cognito.origin}/login?${authorizeQuery()}`
  for (const [cookie, _csrf] of [
    ['', ''],
    ['XSRF-TOKEN=one', 'two'],
    ['XSRF-TOKEN=', ''],
  ] as const) {
    const body = new URLSearchParams({ _csrf, username: 'rosa', password: 'rosa-pw' })
    const response = await fetch(url, { method: 'POST', redirect: 'manual', headers: { cookie }, body })
    assert.is(response.status, 403)
  }
})

browser('a session gives a code without asking, for one hour, unless the prompt is login', async () => {
  const own = await startSample()
  const session = cookieOf(await signIn(own, authorizeQuery(), 'rosa', 'rosa-pw'), 'cognito')
  const go = async (changes: Changes) =>
    (await visit(`${own.origin}/oauth2/authorize?${authorizeQuery(changes)}`, session)).headers.get('location') ?? ''
  assert.match(await go({}), /callback\?code=/)
  assert.match(await go({ prompt: 'none' }), /callback\?code=/)
  assert.match(await go({ prompt: 'login' }), '/login?')
  own.wait(3601)
  assert.match(await go({}), '/login?')
  await own.close()
})

browser('logout ends the session and goes to a registered address only', async () => {
  const session = cookieOf(await signIn(cognito, authorizeQuery(), 'rosa', 'rosa-pw'), 'cognito')
  const again = async () => locationOf(await visit(`${cognito.origin}/oauth2/authorize?${authorizeQuery()}`, session)) ?? ''

  const refused = await visit(`${cognito.origin}/logout?client_id=webclient&logout_uri=${encodeURIComponent(`${LOGOUT}/`)}`, session)
  assert.is(refused.status, 400)
  assert.match(await refused.text(), 'Required String parameter &#39;redirect_uri&#39; is not present')
  assert.match(await again(), 'code=')

  const done = await visit(`${cognito.origin}/logout?client_id=webclient&logout_uri=${encodeURIComponent(LOGOUT)}`, session)
  assert.equal([done.status, done.headers.get('location')], [302, LOGOUT])
  assert.match(done.headers.getSetCookie().join(), /cognito=; Max-Age=0/)
  assert.match(await again(), '/login?')
})

browser('logout without logout_uri goes to the sign-in page with the same parameters', async () => {
  const response = await visit(`${cognito.origin}/logout?${authorizeQuery()}`)
  assert.equal([response.status, locationOf(response)], [302, `/login?${authorizeQuery()}`])
})

for (const [what, query] of [
  ['nothing', ''],
  ['an unknown client', `client_id=x&logout_uri=${encodeURIComponent(LOGOUT)}`],
] as const) {
  browser(`logout with ${what} shows the error page`, async () => {
    assert.is(locationOf(await visit(`${cognito.origin}/logout?${query}`)), '/error?error=Required+parameters+missing')
  })
}

browser('two sign-ins give two codes', async () => {
  assert.is.not(await codeFor(cognito), await codeFor(cognito))
})

browser.run()
