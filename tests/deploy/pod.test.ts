/** The pod of deploy/kubernetes/, by its processes: two users, one socket, and a policy that is exchanged as Kubernetes does it. */
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { findNginx } from '../../src/demo/nginx.ts'
import * as assert from '../support/assert.ts'
import { call, post, root, SECRET_KEY } from '../support/gateway.ts'
import { type Issuer, startIssuer } from '../support/issuer.ts'
import { sharesDictionary } from '../support/njs_dict.ts'
import { freePort, type Program, start, until } from '../support/process.ts'
import { send } from '../support/raw.ts'
import { suite } from '../support/suite.ts'

const pod = suite('deploy: the pod')
/** Users as in gateway.yaml, and the group of both. Only root can become them; others run all as themselves. */
const [NGINX, VALIDATOR, GROUP] = [101, 1000, 2000]
const isRoot = process.getuid?.() === 0
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-pod-'))
const at = (...path: string[]): string => join(folder, ...path)
const running: Program[] = []
let issuer: Issuer
let port: number
let token: string

function runAs(user: number, command: string, args: string[], env: Record<string, string> = {}): Program {
  const become = isRoot ? ['setpriv', `--reuid=${user}`, `--regid=${user}`, `--groups=${GROUP}`] : []
  const [program, ...rest] = [...become, command, ...args] as [string, ...string[]]
  const started = start(program, rest, env)
  running.push(started)
  return started
}

function runValidator(): void {
  runAs(VALIDATOR, process.execPath, [at('dist/validator.js')], {
    COGNITO_USER_POOL_ID: issuer.poolId,
    COGNITO_ISSUER: issuer.issuer,
    ALLOWED_CLIENT_IDS: 'agent',
    REGISTRY_URL: 'http://localhost:8000',
    SECRET_KEY_FILE: at('secrets/secret_key'),
    VALIDATOR_LISTEN: `unix:${at('socket/validator.sock')}`,
    SCOPES_FILE: at('policy/scopes.yml'),
    DECISION_CACHE_SECONDS: '0',
  })
}

/** An emptyDir with fsGroup, and nobody else let in, which is less than Kubernetes grants. */
function emptyDir(path: string): void {
  mkdirSync(path)
  if (isRoot) chownSync(path, 0, GROUP)
  chmodSync(path, 0o2770)
}

/** A ConfigMap's folder: the file is a link into ..data, which is a link to the folder of one version, put in place by renaming. */
function publish(version: string, policy: string): void {
  mkdirSync(at('policy', version), { recursive: true })
  writeFileSync(at('policy', version, 'scopes.yml'), policy)
  symlinkSync(version, at('policy', '..data_tmp'))
  renameSync(at('policy', '..data_tmp'), at('policy', '..data'))
}

/** nginx's files as the image and the mounts put them together, addresses of this machine in them; gives nginx's arguments. */
function layOut(currenttime: number): string[] {
  const nginx = at('nginx')
  cpSync(join(root, 'nginx/gatehouse'), join(nginx, 'gatehouse'), { recursive: true })
  if (sharesDictionary()) cpSync(join(root, 'nginx/gatehouse-dict'), join(nginx, 'gatehouse'), { recursive: true })
  symlinkSync(dirname(findNginx().module), join(nginx, 'modules'))
  const base = (name: string): string => readFileSync(join(root, 'deploy/kubernetes/base', name), 'utf8')
  writeFileSync(join(nginx, 'gatehouse/validator.conf'), base('validator.conf').replace('unix:/run/gatehouse/', `unix:${at('socket')}/`))
  const cache = join(nginx, 'gatehouse/cache.conf')
  writeFileSync(cache, readFileSync(cache, 'utf8').replace(' /run/gatehouse-decisions ', ` ${at('tmp')}/decisions `))
  const conf = base('nginx.conf')
    .replaceAll(' /tmp/', ` ${at('tmp')}/`)
    .replace('access_log /dev/stdout', `access_log ${at('tmp')}/access.log`)
    .replace('listen 8080;', `listen 127.0.0.1:${port};`)
    .replace('server currenttime:8000;', `server 127.0.0.1:${currenttime};`)
    .replace('server mcpgw:8000;', 'server 127.0.0.1:1;')
  writeFileSync(join(nginx, 'nginx.conf'), conf)
  return ['-p', nginx, '-c', join(nginx, 'nginx.conf'), '-e', 'stderr', '-g', 'daemon off;']
}

pod.before(async () => {
  chmodSync(folder, 0o755)
  for (const name of ['socket', 'tmp']) emptyDir(at(name))
  const shipped = readFileSync(join(root, 'deploy/kubernetes/base/scopes.yml'), 'utf8')
  publish('..1', shipped)
  symlinkSync('..data/scopes.yml', at('policy', 'scopes.yml'))
  mkdirSync(at('secrets'))
  writeFileSync(at('secrets/secret_key'), `${SECRET_KEY}\n`, { mode: 0o440 })
  if (isRoot) chownSync(at('secrets/secret_key'), 0, GROUP)
  cpSync(join(root, 'dist'), at('dist'), { recursive: true })
  cpSync(join(root, 'package.json'), at('package.json'))
  const backend = await freePort()
  ;[issuer, port] = await Promise.all([startIssuer(), freePort()])
  token = await issuer.token({ scope: 'mcp-servers-unrestricted/execute' })
  runValidator()
  runAs(VALIDATOR, process.execPath, [at('dist/demo.js'), 'currenttime'], { PORT: String(backend) })
  runAs(NGINX, findNginx().nginx, layOut(backend))
  await until('the gate is ready', async () => (await get('/health')) === 200)
  await until('the MCP server answers', async () => (await ask(token)) === 200)
})
pod.after(async () => {
  await Promise.all(running.map((program) => program.stop()))
  await issuer.close()
  rmSync(folder, { recursive: true, force: true })
})

const get = (path: string): Promise<number> =>
  fetch(`http://127.0.0.1:${port}${path}`).then(
    ({ status }) => status,
    () => 0,
  )

async function ask(credential: string): Promise<number | undefined> {
  const headers = { Authorization: `Bearer ${credential}`, Accept: 'application/json, text/event-stream' }
  return (await send(port, post('/currenttime/mcp', call('current_time_by_timezone'), headers)))[0]?.status
}

pod('NGINX, which is another user than the validator, reaches it by the socket, and strangers are refused', async () => {
  const socket = at('socket/validator.sock')
  if (isRoot) assert.equal([statSync(socket).uid, statSync(socket).gid], [VALIDATOR, GROUP])
  assert.equal([await ask(token), await ask('none')], [200, 401])
  assert.equal([await get('/health'), await get('/live')], [200, 200])
})

pod('a policy that is exchanged as a ConfigMap is comes into force, and the one before does again', async () => {
  const shipped = readFileSync(at('policy/scopes.yml'), 'utf8')
  publish('..2', shipped.replaceAll('mcp-servers-unrestricted/execute', 'mcp-servers-elsewhere/execute'))
  await until('the call is refused', async () => (await ask(token)) === 403)
  publish('..3', shipped)
  await until('the call is allowed', async () => (await ask(token)) === 200)
})

pod('a validator that was killed leaves its socket, and the next one takes the place', async () => {
  const [validator] = running as [Program]
  validator.child.kill('SIGKILL')
  await until('the gate says so', async () => (await get('/health')) === 503)
  assert.equal([await ask(token), await get('/live')], [503, 200])
  assert.ok(statSync(at('socket/validator.sock')).isSocket())
  runValidator()
  await until('the gate is ready again', async () => (await ask(token)) === 200)
})

pod.run()
