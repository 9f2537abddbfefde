/** deploy/cognito: template and Terraform module make the same, fall into no trap, and fit the gateway, its guide, its doctor and its demo. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Pool } from '../../src/demo/cognito/pool.ts'
import { writeCredentials } from '../../src/demo/credentials.ts'
import { callbackUrls } from '../../src/doctor/callback_urls.ts'
import type { AppClient, Profile } from '../../src/doctor/profile.ts'
import { SCOPES } from '../../src/init/policy_text.ts'
import { OUTPUT_NAMES } from '../../src/init/stack.ts'
import { loadScopes } from '../../src/scopes/load.ts'
import * as assert from '../support/assert.ts'
import { root } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'
import type { Client, Described } from './described.ts'
import { literal, parseHcl } from './hcl.ts'
import { countAliases, describeTemplate, evaluate, problems, template } from './template.ts'
import { describeTerraform, files, inner, named } from './terraform.ts'

const GATEWAY = 'https://mcp.example.com'
const READ = (path: string): string => readFileSync(join(root, path), 'utf8')
const sorted = (list: unknown): unknown[] => [...(list as unknown[])].sort()

const made = (gateway = GATEWAY, more: { mfa?: string; email?: string } = {}): Record<'template' | 'terraform', Described> => {
  const { mfa = 'OFF', email = '' } = more
  return {
    template: describeTemplate({ RegistryUrl: gateway, DomainPrefix: 'my-company-mcp', Mfa: mfa, AdminEmail: email }),
    terraform: describeTerraform({ registry_url: gateway, domain_prefix: 'my-company-mcp', mfa, admin_email: email }),
  }
}
const both: [string, Described][] = Object.entries(made())
const CLIENTS = ['web', 'cli', 'agent'] as const

const deploy = suite('deploy/cognito')

deploy('the reader of Terraform sees what is there, and what cannot be', () => {
  const { blocks } = parseHcl('# a\nb "c" "d" {\n  e = [\n    "}", # f\n    "g",\n  ]\n  h {\n    i = var.j == "" ? 0 : 1\n  }\n}\n')
  assert.equal([blocks[0]?.labels, blocks[0]?.blocks[0]?.attributes.get('i')], [['c', 'd'], 'var.j == "" ? 0 : 1'])
  assert.equal(literal('["a", "b",\n]'), ['a', 'b'])
  for (const text of ['a {', 'a = 1\na = 2\n', '}', 'a "b"\n']) assert.throws(() => parseHcl(text), /^line|line \d/, text)
  assert.equal(files.sort(), ['main.tf', 'outputs.tf', 'variables.tf', 'versions.tf'])
})
for (const [what, gateway, more] of [
  ['without an admin', GATEWAY, {}],
  ['with one, and an authenticator app', GATEWAY, { mfa: 'OPTIONAL', email: 'ada@example.com' }],
] as const) {
  deploy(`template and Terraform module make the same ${what}`, () => {
    const { template: one, terraform: other } = made(gateway, more)
    assert.equal(one, other)
    assert.equal([one.pool.hasAuthenticator, one.admin !== undefined], [what.includes('app'), what.includes('one')])
  })
}
deploy('the outputs are those that gatehouse init reads, and no secret is among them', () => {
  for (const [name, { outputs }] of both) assert.equal(sorted(outputs), sorted(OUTPUT_NAMES), name)
  assert.not.match(JSON.stringify(template.Outputs) + READ('deploy/cognito/terraform/outputs.tf'), /ClientSecret|client_secret/)
})
deploy('the variables are the parameters, with the same defaults', () => {
  const snake = (name: string): string => name.replace(/(?<!^)[A-Z]/g, '_$&').toLowerCase()
  const parameters = Object.entries(template.Parameters).map(([name, { Default }]) => [snake(name), Default ?? null])
  const variables = named('variable').map(({ labels, attributes }) => [labels[0], literal(attributes.get('default')) ?? null])
  assert.equal(sorted(parameters), sorted(variables))
})

const urls = suite('callback URLs, scopes and groups')
const doctored = (role: string, gateway: string): { client: AppClient; wanted: string[] } => {
  const client = { id: 'web' } as AppClient
  const profile = { role, gateway, secretKeys: ['key'], client, mcp: { isOpen: true, client } } as unknown as Profile
  return { client, wanted: callbackUrls(profile, client).map(({ url }) => url) }
}
for (const gateway of [GATEWAY, 'http://localhost:8080', 'http://localhost:8000']) {
  urls(`what the doctor wants registered for ${gateway} is, and nothing twice`, () => {
    const one = made(gateway).template.clients.web
    assert.equal(sorted(one.callbackUrls), sorted(new Set(doctored('gateway', gateway).wanted)))
    for (const list of [one.callbackUrls, one.signOutUrls]) assert.is(new Set(list as string[]).size, (list as string[]).length)
    assert.ok((one.signOutUrls as string[]).includes(`${gateway}/oauth2/signed-out`))
  })
}
urls('the command line has the one that its doctor wants', () => {
  for (const [name, { clients }] of both) {
    assert.equal(clients.cli.callbackUrls, ['http://localhost:8080/callback'], name)
    assert.ok(doctored('user', GATEWAY).wanted.includes('http://localhost:8080/callback'))
  }
})
urls('docs/cognito.md names the same', () => {
  const row = (name: string): string => new RegExp(`^\\| \\*\\*${name}\\*\\* \\| (.*) \\|$`, 'm').exec(READ('docs/cognito.md'))?.[1] ?? ''
  const ticked = (name: string): string[] => [...row(name).matchAll(/`(http[^`]+)`/g)].map(([, url]) => url as string)
  const { web, agent } = made().template.clients
  assert.equal(sorted(ticked('Allowed callback URLs')), sorted(web.callbackUrls))
  assert.equal(sorted(ticked('Allowed sign-out URLs')), sorted(web.signOutUrls))
  const openid = [
    ...row('OpenID Connect scopes')
      .replace(/;.*/, '')
      .matchAll(/\*([^*]+)\*/g),
  ].map(([, one]) => (one as string).toLowerCase())
  const own = (web.scopes as string[]).filter((scope) => !scope.includes('/'))
  assert.equal(sorted(openid), sorted(own))
  for (const scope of agent.scopes as string[]) assert.match(READ('docs/cognito.md'), `\`${scope}\``)
})
urls('scopes and groups are those of scopes.yml, and of what gatehouse init writes', () => {
  const loaded = loadScopes(READ('scopes.yml'))
  if ('problems' in loaded) throw new Error(loaded.problems.join())
  const known = loaded.file.scopes.filter((scope) => scope.includes('/'))
  for (const [name, { servers, groups, clients }] of both) {
    const scopes = Object.entries(servers).flatMap(([identifier, list]) => list.map((scope) => `${identifier}/${scope}`))
    assert.equal(sorted(scopes), sorted(known), name)
    assert.equal(sorted(groups), sorted(loaded.file.groups.keys()), name)
    const custom = (clients.web.scopes as string[]).filter((scope) => scope.includes('/'))
    assert.equal(sorted(custom), sorted(scopes), `${name}: MCP clients ask for all of them`)
    for (const scope of SCOPES) assert.ok(scopes.includes(scope), scope)
  }
})
urls('the pool of the demo has the same', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-deploy-'))
  try {
    const ports = { gateway: 8000, cognito: 9229, validator: 8888, currenttime: 9001, mcpgw: 9002 }
    const demo = JSON.parse(readFileSync(writeCredentials(folder, ports), 'utf8')) as Pool
    const { clients, servers, groups } = made('http://localhost:8000').template
    for (const [name, id] of [
      ['web', 'demoweb'],
      ['cli', 'democli'],
      ['agent', 'demoagent'],
    ] as const) {
      const other = demo.clients.find((one) => one.id === id)
      assert.equal(sorted(clients[name].scopes), sorted(other?.scopes ?? []), name)
      assert.equal(clients[name].flows, other?.flows, name)
      assert.is(clients[name].hasSecret, other?.secret !== undefined, name)
      for (const url of (clients[name].callbackUrls ?? []) as string[]) assert.ok(other?.callbackUrls.includes(url), url)
      if (name === 'web') assert.equal(sorted(clients.web.callbackUrls), sorted(other?.callbackUrls ?? []))
      if (name === 'web') assert.ok(other?.logoutUrls.every((url) => (clients.web.signOutUrls as string[]).includes(url)))
    }
    assert.equal(servers, Object.fromEntries(demo.resourceServers.map(({ identifier, scopes }) => [identifier, scopes])))
    assert.ok(demo.users.flatMap((user) => user.groups).every((group) => groups.includes(group)))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

const traps = suite('traps of Cognito')
const each = (what: string, check: (client: Client, name: (typeof CLIENTS)[number], from: string) => void): void => {
  traps(what, () => {
    for (const [from, { clients }] of both) for (const name of CLIENTS) check(clients[name], name, `${from}: ${name}`)
  })
}
traps('the template is YAML that CloudFormation takes: no problem, no alias, OFF in quotes', () => {
  assert.equal([problems.length, countAliases()], [0, 0])
  assert.equal([template.Parameters.Mfa?.Default, template.Parameters.Mfa?.AllowedValues], ['OFF', ['OFF', 'OPTIONAL', 'ON']])
})
traps('the pool outlives its stack, and nobody deletes it by accident', () => {
  const { DeletionPolicy, UpdateReplacePolicy } = template.Resources.UserPool ?? {}
  assert.equal([DeletionPolicy, UpdateReplacePolicy], ['Retain', 'Retain'])
  const [pool] = named('resource', 'aws_cognito_user_pool', 'this')
  assert.is(pool && inner(pool, 'lifecycle')?.attributes.get('prevent_destroy'), 'true')
  for (const [name, { pool: one }] of both) assert.is(one.protection, 'ACTIVE', name)
})
traps('what can never be changed is right from the start: e-mail required, other ways to sign in, upper and lower case', () => {
  for (const [name, { pool }] of both) {
    assert.equal([pool.required, pool.aliases, pool.caseSensitive], ['email', ['email', 'phone_number'], false], name)
    assert.equal([pool.verified, pool.verifiedBefore, pool.byAdminOnly], [['email'], ['email'], true], name)
    assert.is(pool.name, 'MCP Gateway', name)
  }
  const [pool] = named('resource', 'aws_cognito_user_pool', 'this')
  const schema = pool && inner(pool, 'schema')
  assert.ok(schema && inner(schema, 'string_attribute_constraints'), 'Terraform would make the pool anew')
})
each('OAuth is on, users cannot be guessed, refresh tokens can be revoked', (client, _name, from) => {
  assert.equal([client.isOAuth, client.existenceErrors, client.revocation], [true, 'ENABLED', true], from)
})
each('the scopes are made before the client that names them', ({ scopes, after }, _name, from) => {
  const servers = (scopes as string[]).filter((scope) => scope.includes('/')).map((scope) => scope.slice(0, scope.lastIndexOf('/')))
  assert.equal(sorted(new Set(servers)), sorted(after), from)
})
each('every life of a token says its unit', ({ validity }, name, from) => {
  for (const [life, unit] of validity as [unknown, unknown][]) {
    assert.is(life === undefined, unit === undefined, from)
    if (name !== 'agent') assert.ok(typeof life === 'number', from)
  }
  assert.equal(validity[0], [60, 'minutes'], from)
})
each('people by the code grant and no other, machines by client credentials alone and without OpenID scopes', (client, name, from) => {
  assert.equal(client.flows, [name === 'agent' ? 'client_credentials' : 'code'], from)
  assert.is(client.hasSecret, name !== 'cli', from)
  if (name !== 'agent') return assert.equal(client.providers, ['COGNITO'], from)
  assert.ok(
    (client.scopes as string[]).every((scope) => scope.includes('/')),
    from,
  )
  assert.equal([client.callbackUrls, client.authFlows], [undefined, ['ALLOW_REFRESH_TOKEN_AUTH']], from)
})
each('what the scopes stand for may be read', ({ readAttributes, scopes }, _name, from) => {
  if (!(scopes as string[]).includes('email')) return
  for (const attribute of ['email', 'email_verified', 'name', 'preferred_username', 'updated_at'])
    assert.ok((readAttributes as string[]).includes(attribute), `${from}: ${attribute}`)
})
each('rotation and ALLOW_REFRESH_TOKEN_AUTH exclude each other', ({ rotation, authFlows }, name, from) => {
  assert.is((authFlows as string[]).includes('ALLOW_REFRESH_TOKEN_AUTH'), rotation === undefined, from)
  if (name === 'web') assert.equal(rotation, ['ENABLED', 60], from)
})
traps('managed login: a plan that has it, a style for every client with a login page, before the domain goes over to it', () => {
  for (const [name, { clients, styles, domain }] of both) {
    const people = CLIENTS.filter((one) => (clients[one].flows as string[]).includes('code'))
    assert.equal([sorted(styles), sorted(domain.after), domain.version], [sorted(people), sorted(people), 2], name)
  }
  assert.equal(template.Parameters.Tier?.AllowedValues, ['ESSENTIALS', 'PLUS'])
  assert.match(READ('deploy/cognito/terraform/variables.tf'), 'contains(["ESSENTIALS", "PLUS"], var.tier)')
})
traps('the output of the domain is its prefix: what CloudFormation refers to by a domain is not documented as that', () => {
  assert.equal(template.Outputs.Domain?.Value, { Ref: 'DomainPrefix' })
})
traps('no password anywhere: the first admin gets an e-mail, and is in the group of admins', () => {
  for (const [name, { admin }] of Object.entries(made(GATEWAY, { email: 'ada@example.com' }))) {
    const attributes = { email: 'ada@example.com', email_verified: 'true' }
    assert.equal(admin, { name: 'admin', by: ['EMAIL'], attributes, group: 'mcp-registry-admin' }, name)
  }
  const resources = evaluate({ RegistryUrl: GATEWAY, DomainPrefix: 'a', AdminEmail: 'ada@example.com' })
  // By reference, so that user and group are there before.
  assert.equal(template.Resources.AdminInGroup?.Properties.Username, { Ref: 'Admin' })
  assert.is(resources.AdminInGroup?.Properties.GroupName, 'AdminGroup')
  assert.not.match(READ('deploy/cognito/terraform/main.tf'), /^\s*(?:temporary_)?password\s*=/m)
})
for (const [parameter, good, bad] of [
  [
    'RegistryUrl',
    ['https://mcp.example.com', 'https://mcp.example.com:8443', 'http://localhost:8080', 'http://localhost'],
    [
      'https://mcp.example.com/',
      'http://mcp.example.com',
      'http://127.0.0.1:8080',
      'mcp.example.com',
      'https://a/b',
      '',
      'https://MCP.example.com',
      'https://mcp.example.com:443',
      'http://localhost:80',
    ],
  ],
  ['DomainPrefix', ['a', 'my-company-mcp', '0a'], ['My', 'a-', '-a', 'my.company', 'my-aws-mcp', 'amazonian', 'cognito1', '']],
  ['AdminEmail', ['', 'ada@example.com'], ['ada', 'ada@', 'ada@example', 'a b@example.com']],
  ['AdminUserName', ['admin', 'ada.l'], ['ada@example.com', '']],
] as [string, string[], string[]][]) {
  traps(`${parameter} takes what Cognito takes, and nothing that would fail later`, () => {
    const pattern = new RegExp(`^(?:${template.Parameters[parameter]?.AllowedPattern})$`)
    for (const text of good) assert.ok(pattern.test(text), text)
    for (const text of bad) assert.not.ok(pattern.test(text), text)
  })
}

deploy.run()
urls.run()
traps.run()
