/** What NGINX itself says to clients at the OAuth endpoints: in the form that they read, and to pages of any origin. */

import * as assert from '../support/assert.ts'
import { type Gateway, startGateway } from '../support/gateway.ts'
import type { Answer } from '../support/raw.ts'
import { suite } from '../support/suite.ts'

const endpoints = suite('refusals of OAuth endpoints')
let gateway: Gateway
endpoints.before(async () => {
  gateway = await startGateway({ env: { REGISTRY_URL: 'https://mcp.example.com', COGNITO_CLIENT_ID: 'web', COGNITO_DOMAIN: 'example' } })
})
endpoints.after(() => gateway.close())

const ORIGIN = 'https://page.example'
const ask = async (method: string, path: string, lines: Record<string, string>, body = ''): Promise<Answer> => {
  const all = { Host: 'localhost', Origin: ORIGIN, 'Content-Type': 'application/x-www-form-urlencoded', ...lines }
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  const [answer] = await gateway.raw(`${method} ${path} HTTP/1.1\r\n${head.join('')}\r\n${body}`)
  return answer as Answer
}

function refused({ status, headers, body }: Answer, expected: string, description: RegExp): void {
  const { error, error_description, ...rest } = JSON.parse(body)
  assert.is(`${status} ${error}`, expected, body)
  assert.match(error_description, description)
  assert.equal(rest, {})
  assert.is(headers['content-type']?.join(), 'application/json')
  assert.is(headers['cache-control']?.join(), 'no-store')
  assert.is(headers['access-control-allow-origin']?.join(), '*')
  assert.is(headers['access-control-allow-credentials'], undefined)
}

const PATHS = ['/oauth2/token', '/oauth2/register', '/oauth2/revoke']
for (const path of PATHS) {
  endpoints(`${path}: a body that is too large`, async () => {
    refused(await ask('POST', path, { 'Content-Length': '20000' }), '413 invalid_request', /^The body is too large\.$/)
    const chunk = 'x'.repeat(17_000)
    const chunked = `${chunk.length.toString(16)}\r\n${chunk}\r\n0\r\n\r\n`
    refused(await ask('POST', path, { 'Transfer-Encoding': 'chunked' }, chunked), '413 invalid_request', /^The body is too large\.$/)
  })

  endpoints(`${path}: another method`, async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await ask(method, path, { 'Content-Length': '0' })
      refused(answer, '405 invalid_request', /^Send a POST\.$/)
      assert.is(answer.headers.allow?.join(), 'POST')
    }
  })

  endpoints(`${path}: not in its plain form`, async () => {
    refused(await ask('POST', path.replace('oauth', '%6fauth'), { 'Content-Length': '0' }), '400 invalid_request', /plain form/)
    refused(await ask('POST', path, { 'Content-Length': '0', Authorization: 'Basic \x01' }), '400 invalid_request', /plain form/)
  })

  endpoints(`${path}: a body that is framed wrongly`, async () => {
    refused(await ask('POST', path, { 'Transfer-Encoding': 'chunked' }, 'no length\r\n'), '400 invalid_request', /no well-formed HTTP/)
  })
}

endpoints('the log has the reason', () => {
  const reasons = gateway
    .logs()
    .split('\n')
    .filter((line) => line.includes('"/oauth2/token"'))
    .map((line) => /"reason":"(\w+)"/.exec(line)?.[1])
  for (const reason of ['body_too_large', 'method_not_allowed', 'request_not_literal', 'request_malformed'])
    assert.ok(reasons.includes(reason), `${reason}: ${reasons}`)
})

endpoints('the validator is away', async () => {
  await gateway.validator.stop()
  for (const path of PATHS) {
    const answer = await ask('POST', path, { 'Content-Length': '0' })
    refused(answer, '503 temporarily_unavailable', /Try again shortly\.$/)
    assert.is(answer.headers['retry-after']?.join(), '1')
    assert.match(answer.headers['access-control-expose-headers']?.join() ?? '', 'Retry-After')
  }
})

endpoints.run()
