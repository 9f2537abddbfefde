/** What the doctor sees of the sign-in of MCP clients at gateways: a right one, and ones that are wrong in one way each. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Finding } from '../../src/doctor/finding.ts'
import type { McpFace } from '../../src/doctor/mcp_face.ts'
import { checkMcpSignIn } from '../../src/doctor/mcp_sign_in.ts'
import type { Environment } from '../../src/settings.ts'
import * as assert from '../support/assert.ts'
import { freePort } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { bodyOf, json, type Odd, path, withGateway } from './gateway_double.ts'
import { gatewayEnv, profileFrom, realWorld } from './world.ts'

const KEYS = 'https://issuer.example.com/us-east-1_Doctor/.well-known/jwks.json'
const SERVER = '/.well-known/oauth-authorization-server'
const FOREIGN = 'https://evil.example/cb'

const metadata = (origin: string): Record<string, unknown> => ({
  issuer: origin,
  authorization_endpoint: `${origin}/oauth2/authorize`,
  token_endpoint: `${origin}/oauth2/token`,
  registration_endpoint: `${origin}/oauth2/register`,
  revocation_endpoint: `${origin}/oauth2/revoke`,
  jwks_uri: KEYS,
  code_challenge_methods_supported: ['S256'],
})

async function right(request: IncomingMessage, response: ServerResponse, origin: string): Promise<void> {
  const body = await bodyOf(request)
  const [at] = path(request).split('?')
  if (at === SERVER || at === '/.well-known/openid-configuration') json(response, 200, metadata(origin))
  else if (at === '/oauth2/register') {
    const { redirect_uris: [uri] = [''], client_name: name } = JSON.parse(body) as { redirect_uris: [string]; client_name: string }
    if (/^http:\/\/127\.0\.0\.1:\d+\//.test(uri)) json(response, 201, { client_id: `web.${Buffer.from(name).toString('base64url')}` })
    else json(response, 400, { error: 'invalid_redirect_uri' })
  } else if (at === '/oauth2/authorize') json(response, 400, { reason: 'callback_not_allowed' })
  else if (at === '/oauth2/token') {
    const isUsers = new URLSearchParams(body).get('grant_type') === 'authorization_code'
    json(response, 400, { error: isUsers ? 'invalid_grant' : 'unsupported_grant_type' })
  } else json(response, 404, {})
}

const faceOf = (changes: Environment = {}): McpFace => profileFrom('.env', gatewayEnv('https://x', changes)).mcp as McpFace
const look =
  (mcp: McpFace | null = faceOf(), jwksUrls = [KEYS]) =>
  (gateway: string): Promise<Finding[]> =>
    checkMcpSignIn({ gateway, mcp, jwksUrls }, realWorld)
const troubles = (findings: readonly Finding[]): string[] =>
  findings.filter(({ status }) => status !== 'ok').map(({ status, evidence }) => `${status}: ${evidence}`)

/** The metadata with members changed; undefined takes one away. */
const saying =
  (changes: (origin: string) => Record<string, unknown>, where: (at: string) => boolean = () => true): Odd =>
  (request, response, origin) =>
    path(request).startsWith('/.well-known/') && where(path(request))
      ? json(response, 200, { ...metadata(origin), ...changes(origin) })
      : false
const answering =
  (at: string, status: number, body: unknown, headers: Record<string, string> = {}): Odd =>
  (request, response) => {
    if (path(request).split('?')[0] !== at) return false
    request.resume()
    return json(response, status, body, headers)
  }
/** Of the registration of one redirect URI. */
const registering =
  (part: string, status: number, body: unknown): Odd =>
  (request, response) => {
    if (path(request) !== '/oauth2/register') return false
    return bodyOf(request).then((text) => {
      if (text.includes(part)) json(response, status, body)
      else json(response, text.includes(FOREIGN) ? 400 : 201, { client_id: 'web' })
    })
  }

const signIn = suite('the sign-in of MCP clients')
signIn('one that is right', async () => {
  const findings = await withGateway(() => false, right, look())
  assert.equal(troubles(findings), [])
  assert.is(findings.length, 4)
})

const CASES: [string, Odd, RegExp[]][] = [
  ['no metadata', answering(SERVER, 404, {}), [/^failure: .*\/oauth-authorization-server answers 404 without an issuer/]],
  [
    'no metadata for clients of OpenID Connect',
    answering('/.well-known/openid-configuration', 404, {}),
    [/^failure: .*\/openid-configuration answers 404/],
  ],
  ['a page instead of metadata', answering(SERVER, 200, '<html>'), [/^failure: .*answers 200 without an issuer/]],
  [
    'no validator',
    (_request, response) => json(response, 503, { error: 'temporarily_unavailable' }),
    [/^failure: .*\/\.well-known\/\S+ answers 503$/],
  ],
  ['another issuer', saying(() => ({ issuer: 'https://x' })), [/^failure: .*calls itself https:\/\/x, not http:\/\/127/]],
  [
    'a slash behind the issuer',
    saying((origin) => ({ issuer: `${origin}/` })),
    [/^failure: .*calls itself http:\/\/127\.0\.0\.1:\d+\/, not/],
  ],
  [
    'another issuer for clients of OpenID Connect',
    saying(
      () => ({ issuer: KEYS }),
      (at) => at.endsWith('openid-configuration'),
    ),
    [/^failure: .*\/openid-configuration calls itself/],
  ],
  ['no S256', saying(() => ({ code_challenge_methods_supported: undefined })), [/^failure: .*does not name S256/]],
  ['plain alone', saying(() => ({ code_challenge_methods_supported: ['plain'] })), [/^failure: .*does not name S256/]],
  ...['authorization_endpoint', 'token_endpoint', 'registration_endpoint', 'revocation_endpoint'].map((name): [string, Odd, RegExp[]] => [
    `an ${name} elsewhere`,
    saying(() => ({ [name]: 'https://auth.example.com/x' })),
    [new RegExp(`^failure: .* has ${name} elsewhere than at http://127`)],
  ]),
  ['no registration', saying(() => ({ registration_endpoint: undefined })), [/^failure: .* has registration_endpoint elsewhere/]],
  [
    'another pool',
    saying(() => ({ jwks_uri: 'https://y/keys' })),
    [/^failure: .*leads to the keys at https:\/\/y\/keys, which is not the pool/],
  ],
  [
    'programs are refused',
    registering('127.0.0.1', 400, {}),
    [/^failure: .*\/oauth2\/register answers 400 instead of 201 to http:\/\/127/],
  ],
  ['nobody registers', answering('/oauth2/register', 503, {}), [/^failure: .*\/oauth2\/register answers 503$/]],
  [
    'any site registers',
    registering(FOREIGN, 201, { client_id: 'web' }),
    [/^failure: .*answers 201 instead of 400 to https:\/\/evil\.example\/cb/],
  ],
  [
    'another app client',
    registering('127.0.0.1', 201, { client_id: 'other.eA' }),
    [/^failure: .*gives out the app client other, and not web$/],
  ],
  ['an app client that begins alike', registering('127.0.0.1', 201, { client_id: 'web2' }), [/^failure: .*app client web2, and not web$/]],
  ['a secret', registering('127.0.0.1', 201, { client_id: 'web', client_secret: 'x' }), [/^failure: .*gives a secret to whoever asks$/]],
  [
    'codes for any site',
    answering('/oauth2/authorize', 302, {}, { location: 'https://auth.example.com/oauth2/authorize?x' }),
    [
      /^failure: .*authorize answers 302 and leads to https:\/\/auth\.example\.com, instead of 400, to a client that asks for https:\/\/evil/,
    ],
  ],
  [
    'errors for any site',
    answering('/oauth2/authorize', 302, {}, { location: `${FOREIGN}?error=invalid_request` }),
    [/^failure: .*answers 302 and leads to https:\/\/evil\.example, instead of 400/],
  ],
  [
    'a refusal that leads on',
    answering('/oauth2/authorize', 400, {}, { location: FOREIGN }),
    [/^failure: .*answers 400 and leads to https:\/\/evil/],
  ],
  ['a page for any site', answering('/oauth2/authorize', 200, {}), [/^failure: .*authorize answers 200, instead of 400/]],
  [
    "the client's own token",
    answering('/oauth2/token', 200, { access_token: 'x' }),
    [/^failure: .*token answers 200 to client_credentials/],
  ],
  [
    'a question for its secret',
    answering('/oauth2/token', 400, { error: 'invalid_client' }),
    [/^failure: .*answers 400 \(invalid_client\) to client_cred/],
  ],
]
for (const [what, odd, expected] of CASES) {
  signIn(what, async () => {
    const findings = await withGateway(odd, right, look())
    const found = troubles(findings)
    assert.is(found.length, expected.length, found.join('\n'))
    expected.forEach((pattern, index) => {
      assert.match(found[index] ?? '', pattern)
    })
    assert.ok(findings.every(({ status, remedy }) => status === 'ok' || remedy))
  })
}

signIn('the settings say who may come', async () => {
  const none = { MCP_REDIRECT_URIS: 'none' }
  const open = await withGateway(() => false, right, look(faceOf(none)))
  assert.match(troubles(open).join('\n'), /^failure: .*takes http:\/\/127\.0\.0\.1:1\/callback, but MCP_REDIRECT_URIS has no loopback$/)
  const closed = await withGateway(registering('127.0.0.1', 400, {}), right, look(faceOf(none)))
  assert.match(troubles(closed).join('\n'), /^skipped: .*programs on the user's computer may not sign in$/)
  const allowed = await withGateway(
    answering('/oauth2/authorize', 200, {}),
    right,
    look(faceOf({ MCP_REDIRECT_URIS: `loopback,${FOREIGN}` })),
  )
  assert.match(troubles(allowed).join('\n'), /^skipped: https:\/\/evil\.example\/cb is allowed by MCP_REDIRECT_URIS$/)
})
signIn("somebody else's settings tell less", async () => {
  assert.equal(troubles(await withGateway(registering('127.0.0.1', 201, { client_id: 'any' }), right, look(null, []))), [])
  const absent = await withGateway((_request, response) => json(response, 404, {}), right, look(null, []))
  assert.equal(
    troubles(absent).map((line) => line.replace(/http:\S+/, 'URL')),
    ['skipped: URL answers 404: MCP clients cannot sign in there by themselves'],
  )
})
signIn('nobody there', async () => {
  const found = troubles(await look()(`http://127.0.0.1:${await freePort()}`))
  assert.match(found.join('\n'), /^failure: .*gave no answer \(ECONNREFUSED\): nothing listens there$/)
})
signIn('no secret and no credential is sent', async () => {
  const seen: string[] = []
  const odd: Odd = (request) => {
    seen.push(`${path(request)} ${JSON.stringify(request.headers)}`)
    request.on('data', (chunk) => seen.push(String(chunk)))
    return false
  }
  await withGateway(odd, right, look(faceOf({ COGNITO_MCP_CLIENT_ID: 'web', COGNITO_MCP_CLIENT_SECRET: 'mcp-secret-0123456789' })))
  assert.ok(seen.length > 5)
  assert.not.match(seen.join('\n'), /secret-0123|authorization"|cookie/i)
})
signIn.run()
