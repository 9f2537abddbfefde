/** What the pool may answer, or somebody in its name, by way of the browser and at its token endpoint. */
import type { LoginReason } from '../../src/cognito/login_reasons.ts'
import { type LoginWorld, reachCallback } from '../support/login_world.ts'
import { callback, parameters, refused, SIGNED_IN } from './callback_case.ts'
import { type LoginCase, runLoginTable } from './login_case.ts'

const HOSTILE = `<script>alert(document.cookie)</script>"'&\r\n<img src=x onerror=alert(1)>`
const INVALID = refused('answer_invalid')

const FORMS: LoginCase[] = [
  parameters('211', 'no code', { code: null }, INVALID),
  parameters('211', 'an empty code', { code: '' }, INVALID),
  callback('211', 'two codes', (url) => `${url}&code=second`, INVALID),
  ...['id_token', 'response'].map((name) => parameters('211', `${name} besides`, { [name]: 'x' }, INVALID)),
  parameters('209', 'iss of somebody else (RFC 9207)', { iss: 'https://evil.example' }, INVALID),
  callback('209', 'iss of the pool and of somebody else', (url) => `${url}&iss=https://evil.example&iss=x`, INVALID),
  {
    id: '209',
    name: 'iss with a slash behind',
    attack: async (w, browser) => browser.get(`${await reachCallback(w, browser)}&iss=${w.cognito.issuer}/`),
    ...INVALID,
  },
  {
    id: '209',
    name: 'iss of the pool',
    attack: async (w, browser) => browser.get(`${await reachCallback(w, browser)}&iss=${w.cognito.issuer}`),
    ...SIGNED_IN,
  },
  parameters('209', 'an empty iss, which is none (RFC 6749 section 3.1)', { iss: '' }, SIGNED_IN),
]

const ERRORS: [string, string, LoginReason][] = [
  ['access_denied', HOSTILE, 'access_denied'],
  ['invalid_request', 'invalid_scope', 'invalid_scope'],
  ['invalid_scope', HOSTILE, 'invalid_scope'],
  ['invalid_request', 'unauthorized_client', 'unauthorized_client'],
  ['unauthorized_client', HOSTILE, 'unauthorized_client'],
  ['server_error', HOSTILE, 'cognito_failed'],
  ['invalid_request', HOSTILE, 'login_refused'],
  ['login_required', HOSTILE, 'login_refused'],
  ['temporarily_unavailable', HOSTILE, 'login_refused'],
  ['invalid_client', HOSTILE, 'invalid_client'],
  ['invalid_grant', HOSTILE, 'invalid_grant'],
  [HOSTILE, HOSTILE, 'login_refused'],
  ['__proto__', HOSTILE, 'login_refused'],
  ['session_too_large', HOSTILE, 'login_refused'],
  ['x'.repeat(4000), `${HOSTILE}${'y'.repeat(8000)}`, 'login_refused'],
]

const escaped =
  (description: string): LoginCase['check'] =>
  ({ body }) => {
    if (/<script>|<img|document\.cookie\)<\//.test(body)) return 'the text is not escaped'
    if (description.startsWith('<') && !body.includes('&lt;script&gt;alert(document.cookie)')) return 'the text is not shown'
    return body.length < 6000 ? undefined : `the text is not cut: ${body.length}`
  }

const errors = ERRORS.flatMap(([error, error_description, reason]) => {
  const what = `${error.slice(0, 30)}, ${error_description.slice(0, 20)}, ${error_description.length} characters`
  const expected = { ...refused(reason), check: escaped(error_description) }
  return [
    parameters('215', `an error: ${what}`, { code: null, error, error_description, error_uri: 'https://evil.example' }, expected),
    parameters('215', `an error beside a code: ${what}`, { error, error_description }, expected),
  ]
})

type TokenAnswer = NonNullable<LoginWorld['tokenAnswer']>

/** The token endpoint answers this. */
const answering = (name: string, answer: TokenAnswer, reason: LoginReason): LoginCase => ({
  id: '213',
  name: `the token endpoint answers ${name}`,
  attack: async (w, browser) => {
    const url = await reachCallback(w, browser)
    w.tokenAnswer = answer
    return browser.get(url.href)
  },
  ...refused(reason, 1),
  check: escaped(''),
})

const json =
  (status: number, body: unknown): TokenAnswer =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

const TOKENS: LoginCase[] = [
  answering(
    'a failure in HTML',
    (_, response) => response.writeHead(500, { 'content-type': 'text/html' }).end(HOSTILE),
    'cognito_unreachable',
  ),
  answering('HTML', (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(HOSTILE), 'cognito_unreachable'),
  answering('nothing', (_, response) => response.writeHead(200).end(), 'cognito_unreachable'),
  answering('nothing with a length', (_, response) => response.writeHead(204).end(), 'cognito_unreachable'),
  answering('by closing', (request) => request.socket.destroy(), 'cognito_unreachable'),
  answering('a redirect', (_, response) => response.writeHead(307, { location: 'http://localhost:1/' }).end(), 'cognito_unreachable'),
  answering('an error with text', json(400, { error: 'invalid_client', error_description: HOSTILE }), 'invalid_client'),
  answering('an error without text', json(400, { error: 'invalid_grant' }), 'invalid_grant'),
  answering('an error of its own', json(400, { error: HOSTILE }), 'login_refused'),
  answering('no ID token', json(200, { access_token: 'x', token_type: 'Bearer', expires_in: 3600 }), 'answer_invalid'),
  answering('an ID token that is none', json(200, { access_token: 'x', id_token: 'x', token_type: 'Bearer' }), 'answer_invalid'),
  answering('another type of token', json(200, { access_token: 'x', id_token: 'x', token_type: HOSTILE }), 'answer_invalid'),
]

runLoginTable('the answer to a login', [...FORMS, ...errors, ...TOKENS])
