/** Traefik is no Debian package and was not run: what its configuration says is all that can be held against it here. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from 'js-yaml'
import * as assert from '../support/assert.ts'
import { root } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'

interface Middleware {
  headers?: { customRequestHeaders?: Record<string, string>; customResponseHeaders?: Record<string, string> }
  forwardAuth?: Record<string, unknown>
  replacePath?: { path: string }
  buffering?: object
}

const traefik = suite('the configuration of Traefik')
const { http } = load(readFileSync(join(root, 'gates/traefik/dynamic.yml'), 'utf8')) as {
  http: {
    routers: Record<string, { rule: string; middlewares: string[]; service: string }>
    middlewares: Record<string, Middleware>
    services: Record<string, { loadBalancer: { passHostHeader: boolean; servers: { url: string }[] } }>
  }
}
const middleware = (name: string): Middleware => {
  const found = http.middlewares[name]
  if (found === undefined) throw new Error(`there is no middleware ${name}`)
  return found
}
const IDENTITY = ['X-User', 'X-Username', 'X-Client-Id', 'X-Scopes', 'X-Groups', 'X-Auth-Method', 'X-Server-Name']

for (const name of ['currenttime', 'mcpgw']) {
  traefik(`${name}: asks for every call, on a server that is a constant, and forwards a path that is one`, () => {
    const router = http.routers[name]
    assert.is(router?.rule, `Path(\`/${name}/mcp\`) && (Method(\`GET\`) || Method(\`POST\`) || Method(\`DELETE\`))`)
    assert.equal(router?.middlewares, ['clean', `ask-${name}`, 'gatehouse', 'credentials-end', 'mcp', 'answers'])
    assert.is(router?.service, name)
    const asked = { 'X-Mcp-Server': name, 'X-Mcp-Http-Method': 'POST', 'X-Mcp-Call': '*' }
    assert.equal(middleware(`ask-${name}`).headers?.customRequestHeaders, asked)
    assert.equal(middleware('mcp').replacePath, { path: '/mcp' })
  })
}

traefik('only the way to sign in goes by without the gate', () => {
  const open = Object.entries(http.routers).filter(([, { middlewares }]) => !middlewares.includes('gatehouse'))
  assert.equal(
    open.map(([name, { service }]) => [name, service]),
    [['sign-in', 'validator']],
  )
  const rule = open[0]?.[1].rule.split(' || ') ?? []
  assert.ok(rule.every((part) => /^Path(?:Prefix)?\(`\/(?:oauth2\/|\.well-known\/)[\w./-]*`\)$/.test(part)))
})

traefik('identity comes from the validator, and credentials end here', () => {
  const { address, trustForwardHeader, authRequestHeaders, authResponseHeaders } = middleware('gatehouse').forwardAuth ?? {}
  assert.equal([address, trustForwardHeader], ['http://127.0.0.1:8888/validate', false])
  assert.equal(authRequestHeaders, ['Authorization', 'Cookie', 'Origin', 'X-Mcp-Server', 'X-Mcp-Http-Method', 'X-Mcp-Call'])
  assert.equal(authResponseHeaders, IDENTITY)
  const removed = (name: string): string[] =>
    Object.entries(middleware(name).headers?.customRequestHeaders ?? {}).flatMap(([header, value]) => (value === '' ? [header] : []))
  for (const header of ['Authorization', 'Cookie']) assert.ok(removed('credentials-end').includes(header), header)
  for (const header of ['Upgrade', 'X-Tool-Name', ...IDENTITY.map((one) => one.replaceAll('-', '_'))])
    assert.ok(removed('clean').includes(header), header)
  for (const header of ['Set-Cookie', 'WWW-Authenticate', 'Location', 'Refresh'])
    assert.is(middleware('answers').headers?.customResponseHeaders?.[header], '')
})

traefik.run()
