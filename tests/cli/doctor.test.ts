/** `gatehouse doctor` as it is typed: what it says when all is well, for a person and for a script, and when it is used wrongly. */
import { join } from 'node:path'
import { findNginx } from '../../src/demo/nginx.ts'
import { CHECKS, type Finding } from '../../src/doctor/finding.ts'
import * as assert from '../support/assert.ts'
import { root } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'
import { makeHome, run } from './command.ts'
import { type DoctorStack, show, startDoctorStack } from './doctor_stack.ts'

const doctor = suite('gatehouse doctor')
let stack: DoctorStack
doctor.before(async () => {
  stack = await startDoctorStack()
})
doctor.after(() => stack.close())

doctor('finds nothing wrong with the local stack, in any of its checks', async () => {
  const seal = await stack.sessionOf(['mcp-registry-admin'], 60)
  const told = await stack.examine([...stack.settings(), '--cookie-file', seal])
  assert.equal([told.code, told.failures], [0, []], show(told.failures))
  assert.equal(
    told.findings.filter(({ status }) => status !== 'ok'),
    [],
    show(told.findings),
  )
  assert.equal([...new Set(told.findings.map(({ check }) => check))].sort(), [...CHECKS].sort())
})
doctor('runs nginx -T itself', async () => {
  const nginx = `${findNginx().nginx} -p ${stack.demo.folder}/nginx -e ${stack.demo.folder}/nginx/logs/error.log -c ${stack.conf}`
  const { findings } = await stack.examine([...stack.settings({}, ['.env']), '--nginx', nginx])
  assert.match(show(findings.filter(({ check }) => check === 'nginx')), 'example.conf -T: behind the gate are currenttime, mcpgw')
})

doctor('a scope of the policy that nobody has is pointed out', async () => {
  const env = stack.scopesWith(/^mcp-servers-restricted\/execute:/m, 'mcp-servers-restrictd/execute:')
  const told = await stack.examine([...stack.settings({}, ['.env', '.env.agent'])], env)
  const warnings = told.findings.filter(({ check, status }) => check === 'agent-scopes' && status === 'warning')
  assert.match(show(warnings), /mcp-servers-restrictd\/execute is granted to no agent that was asked, and no group is mapped to it/)
  assert.match(show(told.findings.filter(({ check }) => check === 'policy')), /"mcp-servers-restricted\/execute" is no scope of this file/)
})
doctor('who looks at an agent alone needs no policy and no NGINX', async () => {
  const ended = await stack.home.gatehouse(['doctor', '--json', ...stack.settings({}, ['.env.agent'])])
  assert.is(ended.code, 0, ended.stdout)
  const checks = (JSON.parse(ended.stdout) as { findings: Finding[] }).findings.map(({ check, status }) => `${status} ${check}`)
  assert.ok(checks.includes('ok agent-access'), checks.join())
  assert.not.ok(checks.some((line) => /nginx|policy$/.test(line)))
})
doctor('the environment will do instead of files', async () => {
  const ended = await stack.home.gatehouse(['doctor', '--json', '--no-nginx'], {
    ...stack.demo.settings('.env'),
    SCOPES_FILE: join(root, 'scopes.yml'),
  })
  assert.is(ended.code, 0, ended.stdout)
  assert.match(ended.stdout, 'the environment: the settings of the gateway, complete')
})

doctor('a person gets a line a check, and below it what to do', async () => {
  const args = [...stack.settings({ '.env': { LOGIN_SCOPES: 'openid phone' } }, ['.env']), '--nginx-config', stack.conf]
  const { code, stdout, stderr } = await stack.home.gatehouse(['doctor', ...args], { SCOPES_FILE: join(root, 'scopes.yml') })
  assert.is(code, 1)
  assert.match(stdout, /^✓ sign-out-url {6}http:\S+ is registered at demoweb$/m)
  assert.match(stdout, /^✗ login-scopes\n {4}demoweb may not have phone \(invalid_scope\)\n {4}→ In Cognito, .*allow phone\./m)
  assert.match(stdout, /\n1 failure, 0 warnings, \d+ ok, 0 not judged\n$/)
  assert.not.match(stdout, '\x1b')
  assert.is(stderr, '')
})
doctor('colour on a terminal, none with NO_COLOR', async () => {
  const command = `'${join(root, 'bin/gatehouse')}' doctor --no-nginx ${stack.settings({}, ['.env.agent']).join(' ')}`
  const onTerminal = (env: Record<string, string>) =>
    run('script', ['-qec', command, '/dev/null'], { HOME: stack.home.folder, TERM: 'xterm', ...env }).ended
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
  const { code, stdout } = await stack.home.gatehouse(['doctor', '--help'])
  assert.is(code, 0)
  assert.match(stdout, /Examples:\n {2}gatehouse doctor --env-file \.env\n/)
})

doctor.run()
wrong.run()
