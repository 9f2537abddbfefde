/** What docker/ promises, as far as a machine without Docker can hold it to that. */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { load, YAML11_SCHEMA } from 'js-yaml'
import { findNginx } from '../src/demo/nginx.ts'
import * as assert from './support/assert.ts'
import { call, post, root, SECRET_KEY } from './support/gateway.ts'
import { type Issuer, startIssuer } from './support/issuer.ts'
import { sharesDictionary } from './support/njs_dict.ts'
import { freePort, type Program, start, until } from './support/process.ts'
import { send } from './support/raw.ts'
import { suite } from './support/suite.ts'

interface Service {
  image: string
  build?: { context: string; dockerfile: string; target: string }
  entrypoint?: string[]
  command?: string[]
  env_file?: string
  environment?: Record<string, string>
  volumes?: string[]
  ports?: string[]
  networks: string[]
  depends_on?: Record<string, { condition: string }>
  healthcheck?: { test: string[] }
  [other: string]: unknown
}

interface Stage {
  name: string
  text: string
}

const docker = suite('docker')
const folder = join(root, 'docker')
const read = (path: string): string => readFileSync(join(folder, path), 'utf8')
const compose = read('compose.yml')
// The one schema that merges "<<", as Docker does.
const { services, networks } = load(compose, { schema: YAML11_SCHEMA }) as {
  services: Record<string, Service>
  networks: Record<string, { internal?: boolean }>
}
const service = (name: string): Service => {
  const found = services[name]
  if (found === undefined) throw new Error(`compose.yml has no service ${name}`)
  return found
}

const dockerfile = read('validator.Dockerfile')
const stages: Stage[] = dockerfile.split(/^(?=FROM )/m).flatMap((text) => {
  const [, name] = /^FROM (?:--platform=\$BUILDPLATFORM )?\S+ AS (\w+)$/m.exec(text) ?? []
  return name === undefined ? [] : [{ name, text }]
})
const stage = (name: string): string => {
  const found = stages.find((one) => one.name === name)
  if (found === undefined) throw new Error(`validator.Dockerfile has no stage ${name}`)
  return found.text
}

docker('compose.yml names only files, stages, services and networks that exist', () => {
  for (const [name, { build, env_file, volumes = [], depends_on = {}, networks: joined }] of Object.entries(services)) {
    if (build !== undefined) {
      assert.ok(existsSync(join(folder, build.context, build.dockerfile)), name)
      assert.ok(stage(build.target), name)
    }
    if (env_file !== undefined) assert.ok(existsSync(join(folder, `${env_file}.template`)), env_file)
    for (const volume of volumes) assert.ok(existsSync(join(folder, volume.split(':')[0] as string)), volume)
    for (const other of Object.keys(depends_on)) assert.ok(service(other), other)
    for (const network of joined) assert.ok(network in networks, network)
  }
})

docker('a file that is mounted into a folder takes the place of one that is there, since nothing can be added to what is read-only', () => {
  const targets = (service('gateway').volumes ?? []).map((volume) => volume.split(':')[1] as string)
  const inFolder = targets.filter((target) => target.startsWith('/etc/nginx/gatehouse/'))
  assert.is(inFolder.length, 4)
  for (const target of inFolder) assert.ok(existsSync(join(root, 'nginx', target.replace('/etc/nginx/', ''))), target)
  for (const name of readdirSync(join(root, 'nginx/gatehouse-dict'))) assert.ok(inFolder.includes(`/etc/nginx/gatehouse/${name}`), name)
})

docker('every variable of compose.yml has a default, which README.md tells', () => {
  const variables = [...compose.matchAll(/\$\{(\w+)(?::-([^}]*))?\}/g)]
  assert.ok(variables.length > 0)
  assert.is((compose.match(/\$/g) ?? []).length, variables.length)
  for (const [, name, otherwise] of variables) {
    assert.ok(otherwise, `${name} has no default`)
    assert.match(read('README.md'), new RegExp(`^\\| \`${name}\` \\|.*\\| \`${otherwise}\` \\|$`, 'm'))
  }
})

docker('only the gateway is published, on the loopback, and the MCP servers are on a network of their own', () => {
  const published = Object.entries(services).flatMap(([name, { ports = [] }]) => ports.map((port) => `${name} ${port}`))
  assert.is(published.length, 1)
  assert.match(published[0] as string, /^gateway \$\{GATEWAY_ADDRESS:-127\.0\.0\.1\}:/)
  for (const name of ['currenttime', 'mcpgw']) {
    assert.not(service(name).networks.some((network) => service('validator').networks.includes(network)))
    assert.ok(service(name).networks.every((network) => networks[network]?.internal))
  }
})

docker('every container is locked, not root, and has a health check that its dependants wait for', () => {
  for (const [name, { build, user, healthcheck, depends_on = {}, ...rest }] of Object.entries(services)) {
    assert.is(rest.read_only, true, name)
    assert.equal(rest.cap_drop, ['ALL'], name)
    assert.equal(rest.security_opt, ['no-new-privileges:true'], name)
    assert.match(build === undefined ? `USER ${user}` : stage('runtime'), /^USER [1-9]\d*:[1-9]\d*$/m, name)
    assert.match(healthcheck !== undefined ? `HEALTHCHECK ${healthcheck.test}` : stage(build?.target ?? ''), /^HEALTHCHECK /m, name)
    for (const { condition } of Object.values(depends_on)) assert.is(condition, 'service_healthy', name)
  }
})

docker('no container is given more than it needs', () => {
  const MORE = ['privileged', 'cap_add', 'devices', 'device_cgroup_rules', 'network_mode', 'pid', 'ipc', 'uts', 'userns_mode', 'cgroup']
  for (const [name, { volumes = [], environment = {}, tmpfs = [], ...rest }] of Object.entries(services)) {
    for (const key of [...MORE, 'volumes_from', 'extra_hosts', 'group_add', 'security_opt_add']) assert.not(key in rest, `${name} ${key}`)
    for (const volume of volumes) assert.match(volume, /^\.{1,2}\/[\w./-]+:\/etc\/[\w./-]+:ro$/, name)
    for (const key of Object.keys(environment)) assert.not.match(key, /SECRET|KEY|TOKEN|PASSWORD/, name)
    // What can be written to is in memory, and no more than it says.
    for (const folder of tmpfs as string[]) assert.match(folder, /^\/tmp:size=\d+m,/, name)
    assert.is(rest.user ?? '101:101', '101:101', name)
  }
})

docker('an image is made of what the lock names, runs nothing of the packages, and the process cannot change its program', () => {
  assert.match(stage('build'), /^RUN npm ci --ignore-scripts /m)
  assert.not.match(dockerfile, /^(?:ADD|VOLUME)\b|--chown|--mount|curl|wget|^ARG .*(?:SECRET|TOKEN|PASSWORD)/m)
  for (const { name, text } of stages.filter((one) => one.name !== 'build')) {
    assert.not.match(text, /^RUN\b/m, name)
    assert.not.match(text, /^USER (?!1000:1000$)/m, name)
  }
})

docker('the Dockerfiles copy what exists, .dockerignore lets in just that, and the last stage holds the program alone', () => {
  const copied = [...`${dockerfile}${read('gateway.Dockerfile')}`.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources]) =>
    (sources as string).split(' '),
  )
  const admitted = [...readFileSync(join(root, '.dockerignore'), 'utf8').matchAll(/^!(.+)$/gm)].map(([, path]) => path as string)
  for (const path of copied) assert.ok(existsSync(join(root, path)), path)
  assert.equal([...new Set(copied)].sort(), admitted.sort())
  assert.match(readFileSync(join(root, '.dockerignore'), 'utf8'), /^\*$/m)
  const copies = (name: string): string[] => [...stage(name).matchAll(/^COPY (.+)$/gm)].map(([, what]) => what as string)
  assert.equal(copies('runtime'), ['package.json LICENSE ./'])
  assert.equal(copies('validator'), ['--from=build /build/validator dist'])
  assert.is(stages.at(-1)?.name, 'validator')
})

docker("the gateway's image has the same files in the same places as the compose stack, and starts the same way", () => {
  const text = read('gateway.Dockerfile')
  const image = [...text.matchAll(/^COPY (\S+) (\S+)$/gm)].map(([, from, to]) => [from, `/etc/nginx/${to}`] as [string, string])
  const stack = (service('gateway').volumes ?? []).map((volume) => volume.split(':') as [string, string])
  assert.equal(layout(image.map(([from, to]) => [join(root, from), to])), layout(stack.map(([from, to]) => [join(folder, from), to])))
  assert.match(text, /^WORKDIR \/etc\/nginx$/m)
  assert.match(text, new RegExp(`^USER ${service('gateway').user}$`, 'm'))
  const json = (instruction: RegExp): string[] => JSON.parse(instruction.exec(text)?.[1] ?? 'null')
  assert.equal(json(/^ENTRYPOINT (.*)$/m), service('gateway').entrypoint)
  assert.equal(['CMD', ...json(/^HEALTHCHECK .*\n {2}CMD (.*)$/m)], service('gateway').healthcheck?.test)
  assert.not.match(text, /^(?:ADD|VOLUME|RUN)\b|--chown|--mount|^ARG .*(?:SECRET|TOKEN|PASSWORD)/m)
})

/** Which file stands at each place once these files and folders were put there in turn. */
function layout(copies: [string, string][]): Record<string, string> {
  const places: [string, string][] = copies.flatMap(([from, to]) =>
    statSync(from).isDirectory() ? readdirSync(from).map((name) => [`${to}/${name}`, join(from, name)]) : [[to, from] as [string, string]],
  )
  return Object.fromEntries(Object.entries(Object.fromEntries(places)).sort(([a], [b]) => (a < b ? -1 : 1)))
}

docker('an image is named in an ARG whose tag a digest can be put behind, and nothing depends on a processor', () => {
  for (const name of ['validator.Dockerfile', 'gateway.Dockerfile']) {
    const text = read(name)
    const [, arg, image] = /^ARG (\w+_IMAGE)=(\w+:[\w.-]+)$/m.exec(text) ?? []
    assert.ok(arg && image, name)
    for (const [, from] of text.matchAll(/^FROM (?:--platform=\S+ )?(\S+) AS/gm))
      assert.ok(from === `\${${arg}}` || stages.some((one) => one.name === from), from)
    assert.not.match(text, /amd64|x86_64|arm64|aarch64/, name)
    assert.match(read('README.md'), new RegExp(`${arg}=`), name)
  }
  assert.is(/^ARG NGINX_IMAGE=(.*)$/m.exec(read('gateway.Dockerfile'))?.[1], /NGINX_IMAGE:-(.*?)\}/.exec(compose)?.[1])
})

/** The command of a stage's HEALTHCHECK, ENTRYPOINT or CMD. */
function commandOf(name: string, instruction: 'HEALTHCHECK' | 'ENTRYPOINT' | 'CMD'): [string, ...string[]] {
  const [, json] =
    new RegExp(`^${instruction} ${instruction === 'HEALTHCHECK' ? '.*\\\\\\n +CMD ' : ''}(\\[.*\\])$`, 'm').exec(stage(name)) ?? []
  if (json === undefined) throw new Error(`stage ${name} has no ${instruction}`)
  return JSON.parse(json)
}

/** What the image's command is on this machine, whose Node is the one that runs the tests. */
function here([program, ...args]: [string, ...string[]]): [string, string[]] {
  const script = program === 'node' ? args : [program, ...args]
  return [process.execPath, script.map((arg) => arg.replace(/^\/app\//, `${root}/`))]
}

const ended = ({ child }: Program): Promise<number | null> => new Promise((done) => child.once('close', done))

const answersOk = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  )

/** The exit code of a stage's health check. */
const health = (name: string, env: Record<string, string>): Promise<number | null> =>
  ended(start(...here(commandOf(name, 'HEALTHCHECK')), env))

const runs = mkdtempSync(join(tmpdir(), 'gatehouse-docker-'))
// NGINX's workers are another user when the tests run as root.
chmodSync(runs, 0o755)
const running: Program[] = []
let issuer: Issuer
docker.before(async () => {
  issuer = await startIssuer()
})
docker.after(async () => {
  await Promise.all(running.map((program) => program.stop()))
  await issuer.close()
  rmSync(runs, { recursive: true, force: true })
})

function run(command: string, args: readonly string[], env: Record<string, string> = {}): Program {
  const program = start(command, args, env)
  running.push(program)
  return program
}

const settings = () => ({
  COGNITO_USER_POOL_ID: issuer.poolId,
  COGNITO_ISSUER: issuer.issuer,
  ALLOWED_CLIENT_IDS: 'agent',
  SECRET_KEY,
  REGISTRY_URL: 'http://localhost:8000',
  SCOPES_FILE: join(root, 'scopes.yml'),
})

/** Starts what the image of the validator starts. */
async function runValidator(listen: string): Promise<Program> {
  const program = run(...here(commandOf('validator', 'ENTRYPOINT')), { ...settings(), VALIDATOR_LISTEN: listen })
  await program.printed('"msg":"listening"')
  return program
}

async function runServer(port: number): Promise<Program> {
  const program = run(...here([...commandOf('demo', 'ENTRYPOINT'), ...(service('currenttime').command ?? [])]), {
    HOST: '0.0.0.0',
    PORT: String(port),
  })
  await program.printed('"msg":"ready"')
  return program
}

/** The registry as compose.yml starts it, its files at their places on this machine. */
async function runRegistry(port: number): Promise<Program> {
  const { command = [], environment = {}, volumes = [] } = service('mcpgw')
  const sources = Object.fromEntries(volumes.map((volume) => volume.split(':').slice(0, 2).reverse()))
  const local = Object.entries(environment).map(([name, value]) => [name, value in sources ? join(folder, sources[value]) : value])
  const program = run(...here([...commandOf('gatehouse', 'ENTRYPOINT'), ...command]), {
    ...Object.fromEntries(local),
    REGISTRY_URL: 'http://localhost:8000',
    REGISTRY_LISTEN: environment.REGISTRY_LISTEN?.replace('8000', String(port)) ?? '',
  })
  await program.printed('"msg":"listening"')
  return program
}

for (const kind of ['all addresses', 'a unix socket']) {
  docker(`the validator's health check sees one that listens on ${kind}, and sees it gone`, async () => {
    const listen = kind === 'a unix socket' ? `unix:${join(runs, 'validator.sock')}` : `0.0.0.0:${await freePort()}`
    assert.is(await health('validator', { VALIDATOR_LISTEN: listen }), 1)
    const validator = await runValidator(listen)
    assert.is(await health('validator', { VALIDATOR_LISTEN: listen }), 0)
    await validator.stop()
    assert.is(await health('validator', { VALIDATOR_LISTEN: listen }), 1)
  })
}

docker("the demo server's health check sees it, and sees it gone", async () => {
  const PORT = String(await freePort())
  const server = await runServer(Number(PORT))
  assert.is(await health('demo', { PORT }), 0)
  await server.stop()
  assert.is(await health('demo', { PORT }), 1)
})

docker("the registry's health check sees it, and sees it gone; it is given no secret", async () => {
  assert.is(service('mcpgw').env_file, undefined)
  const port = await freePort()
  const [, ...command] = (service('mcpgw').healthcheck?.test ?? []).map((word) => word.replace('127.0.0.1:8000', `127.0.0.1:${port}`))
  const check = (): Promise<number | null> => ended(start(...here(command as [string, ...string[]])))
  const registry = await runRegistry(port)
  assert.is(await check(), 0)
  assert.is(await registry.stop(), 0)
  assert.is(await check(), 1)
})

docker("mcpgw's servers.yml names the services and their port, and mcpgw is on the network of each", () => {
  const { servers } = load(read('servers.yml')) as { servers: Array<{ name: string; url: string }> }
  assert.equal(
    servers.map(({ name, url }) => `${name} ${url}`),
    ['currenttime http://currenttime:8000/mcp', 'mcpgw http://127.0.0.1:8000/mcp'],
  )
  for (const { name } of servers) assert.ok(service(name).networks.every((network) => service('mcpgw').networks.includes(network)))
})

docker('no health check takes a refusal for health', async () => {
  const server = createServer((_request, response) => response.writeHead(503).end())
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const codes = await Promise.all([health('validator', { VALIDATOR_LISTEN: `127.0.0.1:${port}` }), health('demo', { PORT: String(port) })])
  await new Promise((done) => server.close(done))
  assert.equal(codes, [1, 1])
})

const canShare = sharesDictionary()

/** The gateway's files as its volumes put them together, with these instead of what only a container has; gives nginx's arguments. */
function layOutGateway(prefix: string, replacements: Record<string, Record<string, string>>): string[] {
  for (const volume of service('gateway').volumes ?? []) {
    // The njs of this machine may be older than the image's.
    if (volume.includes('/gatehouse-dict/') && !canShare) continue
    const [source, target] = volume.split(':') as [string, string]
    const path = join(prefix, target.replace('/etc/nginx/', ''))
    mkdirSync(dirname(path), { recursive: true })
    cpSync(join(folder, source), path, { recursive: true })
  }
  // The image has its modules beside nginx.conf.
  symlinkSync(dirname(findNginx().module), join(prefix, 'modules'))
  for (const [file, lines] of Object.entries(replacements)) {
    let text = readFileSync(join(prefix, file), 'utf8')
    for (const [shipped, local] of Object.entries(lines)) {
      assert.is(text.split(shipped).length, 2, `${file} must hold "${shipped}" once`)
      text = text.replace(shipped, local)
    }
    writeFileSync(join(prefix, file), text)
  }
  const [program, ...args] = service('gateway').entrypoint ?? []
  assert.is(program, 'nginx')
  return ['-p', prefix, '-c', join(prefix, 'nginx.conf'), ...args]
}

docker('the gateway leads to the validator and to both MCP servers, and its health check says so', async () => {
  const [gateway, validator, currenttime, mcpgw] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  const prefix = join(runs, 'gateway')
  const temporary = ['nginx.pid', 'client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const args = layOutGateway(prefix, {
    'nginx.conf': {
      ...Object.fromEntries(temporary.map((name) => [` /tmp/${name};`, ` ${prefix}/${name};`])),
      'access_log /dev/stdout': `access_log ${prefix}/access.log`,
      'listen 8080;': `listen 127.0.0.1:${gateway};`,
      'server currenttime:8000;': `server 127.0.0.1:${currenttime};`,
      'server mcpgw:8000;': `server 127.0.0.1:${mcpgw};`,
    },
    'gatehouse/validator.conf': { 'server validator:8888 ': `server 127.0.0.1:${validator} ` },
    ...(canShare ? {} : { 'gatehouse/cache.conf': { ' /run/gatehouse-decisions ': ` ${prefix}/decisions ` } }),
  })
  const check = run(findNginx().nginx, [...args, '-t'])
  assert.is(await ended(check), 0, check.output())
  await Promise.all([runValidator(`127.0.0.1:${validator}`), runServer(currenttime), runRegistry(mcpgw)])
  run(findNginx().nginx, args)
  const url = service('gateway').healthcheck?.test.at(-1)?.replace('127.0.0.1:8080', `127.0.0.1:${gateway}`) ?? ''
  await until('the gateway is healthy', () => answersOk(url))
  const token = await issuer.token({ scope: 'mcp-servers-unrestricted/execute' })
  const headers = { Authorization: `Bearer ${token}`, Accept: 'application/json, text/event-stream' }
  for (const [path, tool] of Object.entries({ '/currenttime/mcp': 'current_time_by_timezone', '/mcpgw/mcp': 'who_am_i' })) {
    assert.is((await send(gateway, post(path, call(tool))))[0]?.status, 401, path)
    assert.is((await send(gateway, post(path, call(tool), headers)))[0]?.status, 200, path)
  }
})

docker("the validator's program is one file of less than a megabyte", async () => {
  const [, args] = here(commandOf('validator', 'ENTRYPOINT'))
  const file = args.at(-1) as string
  assert.ok(statSync(file).size < 1_000_000, `${statSync(file).size} bytes`)
  // Away from everything else, what it would load besides is missing.
  const alone = join(runs, 'alone')
  mkdirSync(alone)
  cpSync(file, join(alone, 'validator.mjs'))
  const port = await freePort()
  const program = run(process.execPath, [...args.slice(0, -1), join(alone, 'validator.mjs')], {
    ...settings(),
    VALIDATOR_LISTEN: `127.0.0.1:${port}`,
    SESSION_STORE_URL: `redis://127.0.0.1:${await freePort()}`,
  })
  await program.printed('"session store away"')
  await until('it is ready', () => answersOk(`http://127.0.0.1:${port}/ready`))
  assert.is(await program.stop(), 0)
})

docker('the validator of the image ends like gatehouse serve when its settings cannot be used, and when its address cannot', async () => {
  for (const env of [{}, { ...settings(), SECRET_KEY: 'short' }, { ...settings(), VALIDATOR_LISTEN: '192.0.2.1:8888' }]) {
    const seen = []
    for (const command of [commandOf('validator', 'ENTRYPOINT'), [...commandOf('gatehouse', 'ENTRYPOINT'), 'serve'] as [string, string]]) {
      const program = run(...here(command), env)
      const code = await ended(program)
      seen.push([code, program.output().replace(/^\{.*\n/gm, '')])
    }
    assert.equal(seen[0], seen[1])
    assert.match(seen[0]?.[1] as string, /^gatehouse: /)
  }
})

docker('the ports that the gateway speaks to are those of the images', () => {
  assert.match(stage('validator'), /^ENV .*\bVALIDATOR_LISTEN=0\.0\.0\.0:8888\b/m)
  assert.match(stage('demo'), /^ENV HOST=0\.0\.0\.0 PORT=8000$/m)
})

docker.run()
