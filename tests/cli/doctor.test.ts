/** `gatehouse doctor` against the whole local stack: all is well, then each common mistake, made one at a time and named. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import { findNginx } from '../../src/demo/nginx.ts'
import type { Finding } from '../../src/doctor/finding.ts'
import { CHECKS } from '../../src/doctor/finding.ts'
import { createSealer } from '../../src/session/seal.ts'
import { sealSession } from '../../src/session/session.ts'
import * as assert from '../support/assert.ts'
import { type Demo, startDemo } from '../support/demo.ts'
import { root } from '../support/gateway.ts'
import { freePort } from '../support/process.ts'
import { type Ended, makeHome, run } from './command.ts'

const doctor = suite('gatehouse doctor')
const home = makeHome()
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-doctor-'))
let demo: Demo
let conf: string

doctor.before(async () => {
  demo = await startDemo()
  conf = join(demo.folder, 'nginx/conf/example.conf')
})
doctor.after(async () => {
  home.remove()
  rmSync(folder, { recursive: true, force: true })
  await demo.close()
})

const FILES = ['.env', '.env.user', '.env.agent', '.env.agent-readonly'] as const
type Name = (typeof FILES)[number]
type Changes = Partial<Record<Name, Record<string, string | null>>>

/** The stack's settings files with changes, as arguments; null takes a variable away. */
function settings(changes: Changes = {}, names: readonly Name[] = FILES): string[] {
  return names.flatMap((name) => {
    const values = Object.entries({ ...demo.settings(name), ...changes[name] }).filter(([, value]) => value !== null)
    const path = join(folder, name)
    writeFileSync(path, values.map(([key, value]) => `${key}="${value}"\n`).join(''))
    chmodSync(path, 0o600)
    return ['--env-file', path]
  })
}

interface Told extends Ended {
  findings: Finding[]
  failures: Finding[]
}

async function examine(args: readonly string[], env: Record<string, string> = {}): Promise<Told> {
  const nginx = args.some((arg) => arg.startsWith('--nginx') || arg === '--no-nginx') ? [] : ['--nginx-config', conf]
  const ended = await home.gatehouse(['doctor', '--json', ...args, ...nginx], { SCOPES_FILE: join(root, 'scopes.yml'), ...env })
  const { findings } = JSON.parse(ended.stdout) as { findings: Finding[] }
  return { ...ended, findings, failures: findings.filter(({ status }) => status === 'failure') }
}

const show = (findings: readonly Finding[]): string =>
  findings.map(({ check, evidence, remedy }) => `${check}: ${evidence} → ${remedy}`).join('\n')

doctor('finds nothing wrong with the local stack, in any of its checks', async () => {
  const seal = await sessionOf(['mcp-registry-admin'], 60)
  const told = await examine([...settings(), '--cookie-file', seal])
  assert.equal([told.code, told.failures], [0, []], show(told.failures))
  assert.equal(
    told.findings.filter(({ status }) => status !== 'ok'),
    [],
    show(told.findings),
  )
  assert.equal([...new Set(told.findings.map(({ check }) => check))].sort(), [...CHECKS].sort())
})
doctor('runs nginx -T itself', async () => {
  const nginx = `${findNginx().nginx} -p ${demo.folder}/nginx -e ${demo.folder}/nginx/logs/error.log -c ${conf}`
  const { findings } = await examine([...settings({}, ['.env']), '--nginx', nginx])
  assert.match(show(findings.filter(({ check }) => check === 'nginx')), 'example.conf -T: behind the gate are currenttime, mcpgw')
})

/** A file with a session of a user in these groups. */
async function sessionOf(groups: string[], seconds: number, key?: string): Promise<string> {
  const sealer = createSealer([key ?? (demo.settings('.env').SECRET_KEY as string)])
  const made = await sealSession(sealer, { username: 'rosa', clientId: 'demoweb', groups }, Date.now() / 1000, seconds)
  const path = join(folder, `session-${groups.join('-')}-${seconds}`)
  writeFileSync(path, `${made?.seal}\n`)
  return path
}

/** Passes everything on to the stand-in, with another time of day. */
async function withClock<T>(seconds: number, work: (origin: string) => Promise<T>): Promise<T> {
  const target = new URL(demo.settings('.env').COGNITO_DOMAIN as string)
  const server = createServer((incoming, outgoing) => {
    const { method, url, headers } = incoming
    const passed = request(
      { host: target.hostname, port: target.port, method, path: url, headers: { ...headers, host: target.host } },
      (answer) => {
        const date = new Date(Date.now() - seconds * 1000).toUTCString()
        outgoing.writeHead(answer.statusCode ?? 0, { ...answer.headers, date })
        answer.pipe(outgoing)
      },
    )
    incoming.pipe(passed)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.close()
  }
}

const OTHER_KEY = 'c0ffee7a0c93be4826d15f1d0a7c4e8b29361f7a0c93be4826d15f1d0a7c4e8b'
const pool = (id: string): Changes => {
  const issuer = (demo.settings('.env').COGNITO_ISSUER as string).replace('us-east-1_GatehouseDemo', id)
  const change = { COGNITO_USER_POOL_ID: id, COGNITO_ISSUER: issuer, AWS_REGION: null }
  return { '.env': change, '.env.user': change, '.env.agent': { ...change, COGNITO_ISSUER: null } }
}

/** Each mistake: the settings with it, and the checks that must fail, each with what it must say. */
interface Mistake {
  what: string
  changes?: () => Changes | Promise<Changes>
  names?: Name[]
  args?: () => string[] | Promise<string[]>
  env?: () => Record<string, string>
  failures: [string, RegExp][]
}

const scopesWith = (from: string | RegExp, to: string): Record<string, string> => {
  const path = join(folder, 'changed.yml')
  const text = readFileSync(join(root, 'scopes.yml'), 'utf8')
  assert.match(text, from)
  writeFileSync(path, text.replace(from, to))
  return { SCOPES_FILE: path }
}
const nginxWith = (from: string, to: string): string[] => {
  const path = join(demo.folder, 'nginx/conf/changed.conf')
  const text = readFileSync(conf, 'utf8')
  assert.ok(text.includes(from))
  writeFileSync(
    path,
    text.replace(from, () => to),
  )
  return ['--nginx-config', path]
}

const MISTAKES: Mistake[] = [
  {
    what: 'a callback URL that is not registered',
    changes: () => ({ '.env': { REGISTRY_URL: demo.url.replace('localhost', '127.0.0.1') } }),
    names: ['.env'],
    failures: [
      ['callback-url', /127\.0\.0\.1:\d+\/oauth2\/callback\/cognito is not registered at demoweb .*\(redirect_mismatch\).*add http:/],
      ['sign-out-url', /127\.0\.0\.1:\d+\/oauth2\/signed-out is not registered/],
      ['server', /points to http:\/\/localhost:\d+, which is not http:\/\/127/],
      ['server', /points to http:\/\/localhost/],
    ],
  },
  {
    what: 'another secret key in the login tool',
    changes: () => ({ '.env.user': { SECRET_KEY: OTHER_KEY } }),
    names: ['.env', '.env.user'],
    failures: [
      ['secret-key-match', /SECRET_KEY in .*\.env\.user is not that of .*\.env/],
      ['secret-key-match', /does not open what SECRET_KEY of .*\.env\.user seals/],
    ],
  },
  {
    what: 'another secret key, with the settings of the user alone',
    changes: () => ({ '.env.user': { SECRET_KEY: OTHER_KEY } }),
    names: ['.env.user'],
    failures: [['secret-key-match', /does not open what SECRET_KEY of .*\.env\.user seals.*Copy SECRET_KEY/]],
  },
  {
    what: 'a weak secret key',
    changes: () => ({ '.env': { SECRET_KEY: 'mysecretkey' } }),
    names: ['.env'],
    failures: [['secret-key', /SECRET_KEY has 11 characters; at least 32 are needed/]],
  },
  {
    what: 'a group that is not mapped',
    args: async () => ['--cookie-file', await sessionOf(['mcp-registry-admins'], 60)],
    names: ['.env.user'],
    failures: [
      ['session', /rosa is in mcp-registry-admins, and group_mappings of .* opens nothing to mcp-registry-admins.*Map mcp-registry-admins/],
    ],
  },
  {
    what: 'a session that has expired',
    args: async () => ['--cookie-file', await sessionOf(['mcp-registry-admin'], -5)],
    names: ['.env.user'],
    failures: [['session', /\(session_expired\).*gatehouse login/]],
  },
  {
    what: 'a session of another key',
    args: async () => ['--cookie-file', await sessionOf(['mcp-registry-user'], 60, OTHER_KEY)],
    names: ['.env.user'],
    failures: [['session', /\(session_malformed\).*SECRET_KEY differs/]],
  },
  {
    what: 'the pool of another region, told by AWS_REGION',
    changes: () => ({ '.env': { AWS_REGION: 'eu-west-1' } }),
    names: ['.env'],
    failures: [['pool', /AWS_REGION is "eu-west-1", but the pool "us-east-1_GatehouseDemo" is in "us-east-1"/]],
  },
  {
    what: 'the pool of another region, told by Cognito',
    changes: () => pool('us-west-2_GatehouseDemo'),
    names: ['.env'],
    failures: [
      ['discovery', /answers 404.*There is no pool "us-west-2_GatehouseDemo" in us-west-2/],
      ['keys', /status 404 instead of 200.*in the region that it is in/],
      ['server', /sends clients to .*us-east-1_GatehouseDemo, which is not the pool of the settings here/],
      ['server', /sends clients to/],
    ],
  },
  {
    what: 'a malformed pool id',
    changes: () => ({ '.env.agent': { COGNITO_USER_POOL_ID: 'GatehouseDemo' } }),
    names: ['.env.agent'],
    failures: [['pool', /COGNITO_USER_POOL_ID "GatehouseDemo" is no pool id/]],
  },
  {
    what: "a wrong secret of the agent's client",
    changes: () => ({ '.env.agent': { COGNITO_CLIENT_SECRET: 'wrong-secret-000' } }),
    names: ['.env.agent'],
    failures: [['app-client', /the secret of demoagent in .*\.env\.agent is wrong: Cognito says invalid_client/]],
  },
  {
    what: "a wrong secret of the login's client",
    changes: () => ({ '.env': { COGNITO_CLIENT_SECRET: 'wrong-secret-000' } }),
    names: ['.env'],
    failures: [['app-client', /the secret of demoweb in .*\.env is wrong/]],
  },
  {
    what: 'an unknown client',
    changes: () => ({ '.env.agent': { COGNITO_CLIENT_ID: 'demoagnet' } }),
    names: ['.env', '.env.agent'],
    failures: [
      ['agent-access', /demoagnet of .* is not in ALLOWED_CLIENT_IDS/],
      ['app-client', /no app client demoagnet at .*Copy COGNITO_CLIENT_ID/],
    ],
  },
  {
    what: 'keys that cannot be reached',
    changes: async () => ({ '.env': { COGNITO_JWKS_URL: `http://127.0.0.1:${await freePort()}/jwks.json` } }),
    names: ['.env'],
    failures: [['keys', /jwks\.json: no answer \(ECONNREFUSED\).*keys_unavailable.*COGNITO_JWKS_URL/]],
  },
  {
    what: 'a domain that is not there',
    changes: async () => ({ '.env': { COGNITO_DOMAIN: `http://127.0.0.1:${await freePort()}` } }),
    names: ['.env'],
    failures: [
      ['domain', /nothing listens there; it is COGNITO_DOMAIN of .*The pool itself names http:\/\/localhost:\d+: set COGNITO_DOMAIN=/],
    ],
  },
  {
    what: 'a domain that is another site',
    changes: () => ({ '.env.agent': { COGNITO_DOMAIN: demo.url } }),
    names: ['.env.agent'],
    failures: [['domain', /oauth2\/authorize answers 404, which no Cognito domain does/]],
  },
  {
    what: 'a scope that the login may not ask for',
    changes: () => ({ '.env': { LOGIN_SCOPES: 'openid,phone,email' } }),
    names: ['.env'],
    failures: [['login-scopes', /demoweb may not have phone \(invalid_scope\)/]],
  },
  {
    what: "a scope of the agent's client that the policy does not know",
    env: () => scopesWith(/mcp-servers-unrestricted/g, 'mcp-server-unrestricted'),
    names: ['.env', '.env.agent-readonly'],
    failures: [
      ['agent-scopes', /carries mcp-servers-unrestricted\/read, and .* knows none of it.*assign one of mcp-server-unrestricted\/read/],
    ],
  },
  {
    what: 'a policy that is broken',
    env: () => scopesWith('methods: [tools/call]', 'method: [tools/call]'),
    names: ['.env'],
    failures: [['policy', /changed\.yml: .*\.method is not known/]],
  },
  {
    what: 'a policy that is not there',
    env: () => ({ SCOPES_FILE: join(folder, 'absent.yml') }),
    names: ['.env'],
    failures: [['policy', /absent\.yml cannot be read: ENOENT/]],
  },
  {
    what: 'nobody allowed',
    changes: () => ({ '.env': { ALLOWED_CLIENT_IDS: null } }),
    names: ['.env'],
    failures: [['environment', /ALLOWED_CLIENT_IDS is missing/]],
  },
  {
    what: 'another address of the gateway',
    changes: async () => ({ '.env.agent': { MCP_REGISTRY_URL: `http://127.0.0.1:${await freePort()}/mcpgw/mcp` } }),
    names: ['.env.agent'],
    failures: [['gateway', /nothing listens there/]],
  },
  {
    what: 'a location without the gate',
    args: () => nginxWith('location / {', 'location /open/ { proxy_pass http://currenttime; } location / {'),
    names: ['.env'],
    failures: [['nginx', /changed\.conf:\d+: "proxy_pass http:\/\/currenttime" breaks the rule: nothing but the gate leads to/]],
  },
  {
    what: 'a longer path without the gate',
    args: () => nginxWith('location / {', 'location /mcpgw/files/ { root /srv; } location / {'),
    names: ['.env'],
    failures: [['nginx', /"location \/mcpgw\/files\/" breaks the rule: no longer path leads around/]],
  },
  {
    what: 'a condition with a proxy_pass',
    args: () =>
      nginxWith(
        'include gatehouse/location.conf;',
        'include gatehouse/location.conf; if ($http_x_debug) { proxy_pass http://currenttime; }',
      ),
    names: ['.env'],
    failures: [
      ['nginx', /breaks the rule: no condition has a way of its own/],
      ['nginx', /breaks the rule: nothing but the gate leads to/],
    ],
  },
  {
    what: 'refusals that become answers',
    args: () => nginxWith('include gatehouse/location.conf;', 'include gatehouse/location.conf; error_page 401 =200 /health;'),
    names: ['.env'],
    failures: [['nginx', /"error_page 401" breaks the rule: an error page neither proxies nor succeeds/]],
  },
]
for (const { what, changes, names, args, env, failures } of MISTAKES) {
  doctor(`names the cause: ${what}`, async () => {
    const given = settings((await changes?.()) ?? {}, names)
    const told = await examine([...given, ...((await args?.()) ?? [])], env?.())
    const seen = told.failures.map(({ check }) => check)
    assert.equal(
      seen,
      failures.map(([check]) => check),
      show(told.failures),
    )
    failures.forEach(([, pattern], index) => {
      assert.match(show(told.failures.slice(index, index + 1)), new RegExp(pattern.source, 's'))
    })
    assert.is(told.code, failures.length, 'the exit code is the number of failures')
    assert.ok(told.failures.every(({ remedy }) => remedy))
    assertNoSecret(told)
  })
}

/** Nothing that the settings hold in secret, nor any token or seal. */
function assertNoSecret({ stdout, stderr }: Ended): void {
  const secrets = FILES.flatMap((name) => ['SECRET_KEY', 'COGNITO_CLIENT_SECRET'].map((key) => demo.settings(name)[key] ?? ''))
  for (const secret of [...secrets, OTHER_KEY, 'mysecretkey', 'wrong-secret-000', 'eyJ', 'Fe26']) {
    if (secret !== '') assert.not.match(stdout + stderr, secret)
  }
}

for (const [seconds, status, evidence] of [
  [45, 'warning', /the clock here is 4[45] seconds ahead of that of Cognito/],
  [-75, 'failure', /the clock here is 7[56] seconds behind that of Cognito.*NTP/s],
] as const) {
  doctor(`names the cause: a clock that is off by ${seconds} seconds`, async () => {
    const told = await withClock(seconds, (origin) => {
      const issuer = `${origin}/us-east-1_GatehouseDemo`
      return examine([...settings({ '.env': { COGNITO_ISSUER: issuer } }, ['.env']), '--no-nginx'])
    })
    const found = told.findings.find(({ check }) => check === 'clock')
    assert.is(found?.status, status, show(told.findings))
    assert.match(show(found === undefined ? [] : [found]), evidence)
  })
}

doctor('a scope of the policy that nobody has is pointed out', async () => {
  const env = scopesWith(/^mcp-servers-restricted\/execute:/m, 'mcp-servers-restrictd/execute:')
  const told = await examine([...settings({}, ['.env', '.env.agent'])], env)
  const warnings = told.findings.filter(({ check, status }) => check === 'agent-scopes' && status === 'warning')
  assert.match(show(warnings), /mcp-servers-restrictd\/execute is granted to no agent that was asked, and no group is mapped to it/)
  assert.match(show(told.findings.filter(({ check }) => check === 'policy')), /"mcp-servers-restricted\/execute" is no scope of this file/)
})
doctor('who looks at an agent alone needs no policy and no NGINX', async () => {
  const ended = await home.gatehouse(['doctor', '--json', ...settings({}, ['.env.agent'])])
  assert.is(ended.code, 0, ended.stdout)
  const checks = (JSON.parse(ended.stdout) as { findings: Finding[] }).findings.map(({ check, status }) => `${status} ${check}`)
  assert.ok(checks.includes('ok agent-access'), checks.join())
  assert.not.ok(checks.some((line) => /nginx|policy$/.test(line)))
})
doctor('the environment will do instead of files', async () => {
  const ended = await home.gatehouse(['doctor', '--json', '--no-nginx'], {
    ...demo.settings('.env'),
    SCOPES_FILE: join(root, 'scopes.yml'),
  })
  assert.is(ended.code, 0, ended.stdout)
  assert.match(ended.stdout, 'the environment: the settings of the gateway, complete')
})

doctor('a person gets a line a check, and below it what to do', async () => {
  const args = [...settings({ '.env': { LOGIN_SCOPES: 'openid phone' } }, ['.env']), '--nginx-config', conf]
  const { code, stdout, stderr } = await home.gatehouse(['doctor', ...args], { SCOPES_FILE: join(root, 'scopes.yml') })
  assert.is(code, 1)
  assert.match(stdout, /^✓ sign-out-url {6}http:\S+ is registered at demoweb$/m)
  assert.match(stdout, /^✗ login-scopes\n {4}demoweb may not have phone \(invalid_scope\)\n {4}→ In Cognito, .*allow phone\./m)
  assert.match(stdout, /\n1 failure, 0 warnings, \d+ ok, 0 not judged\n$/)
  assert.not.match(stdout, '\x1b')
  assert.is(stderr, '')
})
doctor('colour on a terminal, none with NO_COLOR', async () => {
  const command = `'${join(root, 'bin/gatehouse')}' doctor --no-nginx ${settings({}, ['.env.agent']).join(' ')}`
  const onTerminal = (env: Record<string, string>) =>
    run('script', ['-qec', command, '/dev/null'], { HOME: home.folder, TERM: 'xterm', ...env }).ended
  assert.match((await onTerminal({})).stdout, '\x1b[32m✓\x1b[39m environment')
  const plain = await onTerminal({ NO_COLOR: '1' })
  assert.match(plain.stdout, '✓ environment')
  assert.not.match(plain.stdout, '\x1b[32m')
})

const wrong = suite('gatehouse doctor, used wrongly')
for (const [what, args, message] of [
  ['nothing to look at', [], /There is nothing to look at\. Name settings: gatehouse doctor --env-file \.env/],
  [
    'files that are not there',
    ['--env-file', '/no/a', '--env-file', '/no/b'],
    /\/no\/a cannot be read: ENOENT\n.*\/no\/b cannot be read: ENOENT/,
  ],
  [
    'two configurations of NGINX',
    ['--env-file', '/dev/null', '--nginx', 'nginx', '--nginx-config', 'x'],
    /either --nginx or --nginx-config/,
  ],
  ['half a quote', ['--env-file', '/dev/null', '--nginx', 'nginx "x'], /A quote in --nginx is not closed/],
  ['no command', ['--nginx', ' '], /It must be a command/],
  [
    'a session that is not there',
    ['--env-file', '/dev/null', '--no-nginx', '--cookie-file', '/no/cookie'],
    /There is no session in \/no\/cookie/,
  ],
  ['an option that is none', ['--fix'], /unknown option/],
] as [string, string[], RegExp][]) {
  wrong(`${what}, exit code 2`, async () => {
    const other = makeHome()
    const { code, stdout, stderr } = await other.gatehouse(['doctor', ...args])
    other.remove()
    assert.equal([code, stdout], [2, ''])
    assert.match(stderr, message)
    assert.not.match(stderr, /\n {4}at /)
  })
}
wrong('help with examples', async () => {
  const { code, stdout } = await home.gatehouse(['doctor', '--help'])
  assert.is(code, 0)
  assert.match(stdout, /Examples:\n {2}gatehouse doctor --env-file \.env\n/)
})

doctor.run()
wrong.run()
