/** What the doctor sees of gateways from outside: the real gate, and ones that are wrong in one way each. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createAsk, explainTrouble, isTrouble } from '../../src/doctor/ask.ts'
import type { Finding } from '../../src/doctor/finding.ts'
import { askForNothing, checkServer, examineGateway } from '../../src/doctor/gateway.ts'
import { checkHeaders, checkPaths } from '../../src/doctor/tricks.ts'
import * as assert from '../support/assert.ts'
import { freePort } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { json, type Odd, path, withGateway } from './gateway_double.ts'
import { fakeWorld, realWorld } from './world.ts'

const ISSUER = 'https://issuer.example.com/us-east-1_Doctor'
/** What a gate answers. */
function shipped(request: IncomingMessage, response: ServerResponse, origin: string): void {
  request.resume()
  const url = path(request)
  const server = /^\/(one|two)\/mcp(?:\?|$)/.exec(url)?.[1]
  const about = /^\/\.well-known\/oauth-protected-resource\/(one|two)\/mcp$/.exec(url)?.[1]
  if (url === '/health') json(response, 200, {})
  else if (about) json(response, 200, { resource: `${origin}/${about}/mcp`, authorization_servers: [ISSUER] })
  else if (server) {
    const metadata = `${origin}/.well-known/oauth-protected-resource/${server}/mcp`
    json(response, 401, { reason: 'no_credentials' }, { 'www-authenticate': `Bearer realm="mcp", resource_metadata="${metadata}"` })
  } else json(response, 404, { reason: 'not_found' })
}

/** Everything that is looked at without a credential. */
async function look(origin: string, servers = ['one', 'two']): Promise<Finding[]> {
  const { findings } = await examineGateway(origin, realWorld)
  const nothing = await askForNothing(origin, realWorld)
  const answers = await Promise.all(
    servers.map((server) => checkServer({ gateway: origin, server, authorities: [ISSUER], nothing }, realWorld)),
  )
  const there = servers.filter((_server, index) => answers[index]?.status !== 'skipped')
  const tried = { gateway: origin, servers: there, nothing }
  return [...findings, ...answers, await checkPaths(tried, realWorld), await checkHeaders(tried, realWorld)]
}
const troubles = (findings: readonly Finding[]): string[] =>
  findings.filter(({ status }) => status !== 'ok').map(({ status, check, evidence }) => `${status} ${check}: ${evidence}`)

const outside = suite('the gateway from outside')
outside('one that is right', async () => assert.equal(troubles(await withGateway(() => false, shipped, look)), []))

const CASES: [string, Odd, RegExp[]][] = [
  [
    'a server that lets strangers in',
    (request, response) => path(request) === '/two/mcp' && json(response, 200, { jsonrpc: '2.0' }),
    [
      /^failure server: .*\/two\/mcp answers 200 to a call without credentials: it lets a stranger in$/,
      /^failure spoofed-headers: .*POST \/two\/mcp \(200\)$/,
    ],
  ],
  [
    'a server without the gate that minds the call',
    (request, response) => path(request) === '/two/mcp' && json(response, 400, {}),
    [/^failure server: .*answers 400 .*does not ask who is there$/],
  ],
  [
    'a challenge of somebody else',
    (request, response) => path(request) === '/one/mcp' && json(response, 401, {}, { 'www-authenticate': 'Basic realm="x"' }),
    [/^failure server: .*without a challenge that names resource_metadata/],
  ],
  [
    'a challenge that leads elsewhere',
    (request, response) =>
      path(request) === '/one/mcp' &&
      json(
        response,
        401,
        {},
        { 'www-authenticate': 'Bearer resource_metadata="http://localhost:1/.well-known/oauth-protected-resource/one/mcp"' },
      ),
    [/^failure server: the challenge of .* points to http:\/\/localhost:1, which is not http:\/\/127/],
  ],
  [
    'metadata that is not there',
    (request, response) => path(request).startsWith('/.well-known/oauth-protected-resource/one') && json(response, 404, {}),
    [/^failure server: .*gives status 404$/],
  ],
  [
    'metadata about something else',
    (request, response) =>
      path(request).startsWith('/.well-known/oauth-protected-resource/one') && json(response, 200, { resource: 'https://x/one/mcp' }),
    [/^failure server: .* is about https:\/\/x\/one\/mcp, not /],
  ],
  [
    'metadata that names another pool',
    (request, response, origin) =>
      path(request).startsWith('/.well-known/oauth-protected-resource/one') &&
      json(response, 200, { resource: `${origin}/one/mcp`, authorization_servers: ['https://other.example.com'] }),
    [/^failure server: .*sends clients to https:\/\/other\.example\.com instead of https:\/\/issuer\.example\.com\//],
  ],
  [
    'nobody can decide',
    (request, response) => path(request) === '/one/mcp' && json(response, 503, { reason: 'validator_unavailable' }),
    [/^failure server: .*answers 503 \(validator_unavailable\)/],
  ],
  [
    'a validator that is not ready',
    (request, response) => path(request) === '/health' && json(response, 503, {}),
    [/^failure gateway: .*\/health answers 503$/],
  ],
  [
    'a server that is not there',
    (request, response) => path(request).startsWith('/two') && json(response, 404, { reason: 'not_found' }),
    [/^skipped server: .*\/two\/mcp answers 404, as every path does/],
  ],
  [
    'the question in the open',
    (request, response) => path(request) === '/_gatehouse/validate' && json(response, 401, {}),
    [/^failure path-tricks: .*\/_gatehouse\/validate answers 401: only NGINX itself may ask there$/],
  ],
  [
    'the question answered in another spelling',
    (request, response) => path(request) === '//_gatehouse/validate' && response.writeHead(204).end(),
    [/^failure path-tricks: answered without credentials: GET \/\/_gatehouse\/validate \(204\), POST /],
  ],
  [
    'dot segments that lead around',
    (request, response) => path(request).includes('/../two/mcp') && json(response, 200, {}),
    [/^failure path-tricks: .*\/one\/\.\.\/two\/mcp \(200\)/],
  ],
  [
    'upper case that leads around',
    (request, response) => path(request) === '/ONE/mcp' && json(response, 200, {}),
    [/^failure path-tricks: .*POST \/ONE\/mcp \(200\)/],
  ],
  [
    'an identity that is believed',
    (request, response) => path(request) === '/one/mcp' && request.headers['x-user'] === 'admin' && json(response, 200, {}),
    [/^failure spoofed-headers: .*POST \/one\/mcp \(200\)$/],
  ],
  [
    'a health checker that is believed',
    (request, response) => path(request) === '/two/mcp' && /ELB/.test(request.headers['user-agent'] ?? '') && json(response, 200, {}),
    [/^failure spoofed-headers: .*POST \/two\/mcp \(200\)$/],
  ],
]
for (const [what, odd, expected] of CASES) {
  outside(what, async () => {
    const found = troubles(await withGateway(odd, shipped, look))
    assert.is(found.length, expected.length, found.join('\n'))
    expected.forEach((pattern, index) => {
      assert.match(found[index] ?? '', pattern)
    })
  })
}
outside('another site that answers every path is no hole', async () => {
  const site: Odd = (request, response) =>
    !/^\/(?:one\/mcp|health|\.well-known|_gatehouse\/validate)/.test(path(request)) && response.end('<html>')
  assert.equal(
    troubles(await withGateway(site, shipped, look)).map((line) => line.replace(/http:\S+/, 'URL')),
    ['skipped server: URL answers 200, as every path does at which there is nothing: NGINX has no location for two'],
  )
})
outside('nobody there, and somebody without TLS', async () => {
  const nowhere = `http://127.0.0.1:${await freePort()}`
  const { findings, isThere } = await examineGateway(nowhere, realWorld)
  assert.equal([isThere, troubles(findings)], [false, [`failure gateway: ${nowhere} gave no answer (ECONNREFUSED): nothing listens there`]])
  const clear = await examineGateway(
    'http://mcp.example.com',
    fakeWorld(() => ({ status: 200 })),
  )
  assert.match(troubles(clear.findings).join(), /^warning gateway: http:\/\/mcp\.example\.com is not https/)
})
outside('a path goes out to the letter, long answers and slow ones are none', async () => {
  const seen: string[] = []
  const odd: Odd = (request, response) => {
    seen.push(path(request))
    if (path(request) === '/long') response.end('x'.repeat(2_000_000))
    else if (path(request) !== '/slow') response.end('ok')
  }
  const answers = await withGateway(odd, shipped, (origin) => {
    const ask = createAsk(Date.now, 300)
    return Promise.all(['/a/../b/%2e%2e/;/c', '//x', '/long', '/slow'].map((one) => ask({ origin, path: one })))
  })
  assert.equal(seen.slice().sort(), ['/a/../b/%2e%2e/;/c', '//x', '/long', '/slow'].sort())
  assert.equal(
    answers.map((answer) => (isTrouble(answer) ? answer.trouble : answer.status)),
    [200, 200, 'TOO_LONG', 'TIMEOUT'],
  )
})
for (const [trouble, evidence] of [
  ['ENOTFOUND', /the name mcp\.example\.com is not known/],
  ['ECONNREFUSED', /nothing listens there/],
  ['CERT_HAS_EXPIRED', /its certificate is not accepted/],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', /its certificate is not accepted/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', /its certificate is not accepted/],
  ['ERR_SSL_WRONG_VERSION_NUMBER', /does not speak TLS/],
  ['TIMEOUT', /gave no answer \(TIMEOUT\)$/],
] as const) {
  outside(`no answer: ${trouble}`, () => assert.match(explainTrouble(trouble, 'https://mcp.example.com').evidence, evidence))
}
outside.run()
