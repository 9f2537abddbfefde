/** What is published: packed as the registry gets it, installed in an empty folder without a network, and run from there. */
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as assert from './support/assert.ts'
import { root, SECRET_KEY } from './support/gateway.ts'
import { type Issuer, startIssuer } from './support/issuer.ts'
import { freePort, type Program, start } from './support/process.ts'
import { suite } from './support/suite.ts'

interface Manifest {
  version: string
  files: string[]
  bin: Record<string, string>
  exports: Record<string, string>
  scripts: Record<string, string>
  publishConfig: Record<string, unknown>
}

const published = suite('the package')
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-package-'))
const user = join(folder, 'user')
const installed = join(user, 'node_modules/mcp-gatehouse')
const gatehouse = join(user, 'node_modules/.bin/gatehouse')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
const running: Program[] = []
/** What makes a site of the pages, and a site that has been made. */
const SITE = /^docs\/(?:site|\.vitepress)\//
let issuer: Issuer

interface Ended {
  code: number | null
  output: string
}

/** Runs a program to its end, in a folder, with a home that is empty. */
function run(cwd: string, command: string, ...args: string[]): Promise<Ended> {
  const env = { PATH: process.env.PATH ?? '', HOME: folder, npm_config_update_notifier: 'false' }
  const child: ChildProcess = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  return new Promise((done) => child.once('close', (code) => done({ code, output })))
}

/** A copy of what the package is made from, so that packing does not touch dist/, which other tests are running. */
function copyOfProject(): string {
  const copy = join(folder, 'project')
  mkdirSync(copy)
  const own = manifest.files.filter((path) => !path.startsWith('!') && path !== 'dist')
  const sources = ['package.json', 'README.md', 'LICENSE', 'build.js', 'bundle.js', 'licences.js', 'sbom.js']
  const built = ['tsconfig.json', 'package-lock.json', 'src']
  for (const path of [...own, ...sources, ...built]) cpSync(join(root, path), join(copy, path), { recursive: true })
  // None of these may get in.
  for (const path of ['.env', 'sbom.cdx.json', 'tests.txt']) writeFileSync(join(copy, path), 'PRIVATE=1\n')
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  return copy
}

published.before(async () => {
  const copy = copyOfProject()
  mkdirSync(user)
  writeFileSync(join(user, 'package.json'), '{"private":true,"type":"module"}')
  const packed = await run(copy, 'npm', 'pack', '--pack-destination', folder)
  assert.is(packed.code, 0, packed.output)
  const tarball = join(folder, `mcp-gatehouse-${manifest.version}.tgz`)
  const install = ['install', tarball, '--offline', '--ignore-scripts', '--no-audit', '--no-fund']
  const [{ code, output }, started] = await Promise.all([run(user, 'npm', ...install), startIssuer()])
  issuer = started
  assert.is(code, 0, output)
})
published.after(async () => {
  await Promise.all(running.map((program) => program.stop()))
  await issuer?.close()
  rmSync(folder, { recursive: true, force: true })
})

const filesOf = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort()

published('package.json names each of its files once, and only what there is', () => {
  const names = manifest.files.map((path) => path.replace(/^!/, ''))
  assert.equal([...new Set(names)], names)
  for (const name of names) assert.ok(existsSync(join(root, name)), name)
})

published('an install fetches nothing besides, and takes no more than the package', () => {
  assert.equal(
    readdirSync(join(user, 'node_modules')).filter((name) => !name.startsWith('.')),
    ['mcp-gatehouse'],
  )
})

published('it holds every file that it is to hold, and nothing of the workshop', () => {
  const files = filesOf(installed)
  for (const name of ['nginx', 'deploy', 'gates', 'docs'])
    for (const file of filesOf(join(root, name)).filter((path) => !SITE.test(`${name}/${path}`)))
      assert.ok(files.includes(`${name}/${file}`), `${name}/${file}`)
  for (const file of ['LICENSE', 'README.md', 'dist/THIRD_PARTY_LICENSES', 'dist/validator.js', 'dist/tracing.js', 'dist/gatehouse.js'])
    assert.ok(files.includes(file), file)
  assert.equal(
    files.filter(
      (file) =>
        SITE.test(file) ||
        /^(?:src|tests|bench|node_modules|docker)\/|^(?:tests|sbom|bundle|build|licences|package-lock)\.|(?:^|\/)\.env$|^dist\/demo|\.(?:log|map|tsx?)$/.test(
          file,
        ),
    ),
    [],
  )
})

published('its notices name no tool of the workshop, and the packages of both programs', () => {
  const text = readFileSync(join(installed, 'dist/THIRD_PARTY_LICENSES'), 'utf8')
  for (const name of ['hono', 'jose', 'pino', 'commander', '@redis/client']) assert.match(text, new RegExp(`^${name} \\d`, 'm'))
  assert.not.match(text, /^(?:esbuild|typescript|uvu|playwright-core) \d/m)
})

published('its bill of materials lists the packages of its notices, and no more', () => {
  const { components } = JSON.parse(readFileSync(join(installed, 'dist/sbom.cdx.json'), 'utf8')) as {
    components: { name: string; version: string }[]
  }
  const text = readFileSync(join(installed, 'dist/THIRD_PARTY_LICENSES'), 'utf8')
  const noted = [...text.matchAll(/^(@?[\w./-]+) (\d+\.\d+\.\d+\S*) \([^)]+\)$/gm)].map(([, name, version]) => `${name}@${version}`)
  assert.ok(noted.length > 50)
  assert.equal(components.map(({ name, version }) => `${name}@${version}`).sort(), [...new Set(noted)].sort())
})

published('npx runs it; its help names the commands', async () => {
  assert.equal(await run(user, 'npx', '--offline', 'gatehouse', '--version'), { code: 0, output: `${manifest.version}\n` })
  const { code, output } = await run(user, gatehouse, '--help')
  const commands = [...output.matchAll(/^ {2}(\w+)(?: \[options\]| <|\s{2})/gm)].map(([, name]) => name as string)
  assert.is(code, 0)
  for (const name of ['serve', 'init', 'doctor', 'registry', 'token', 'agent', 'policy']) assert.ok(commands.includes(name), name)
})

published('init finds its templates, and what it wrote is what the package holds', async () => {
  const needed = ['--url', 'https://mcp.example.com', '--pool', 'us-east-1_AbCdEfGhI', '--client', '1example23456789']
  const args = ['init', '--yes', '--dir', 'gate', ...needed, '--server', 'currenttime=http://127.0.0.1:9001']
  const { code, output } = await run(user, gatehouse, ...args)
  assert.is(code, 0, output)
  for (const file of filesOf(join(installed, 'nginx')).filter((name) => name.includes('/')))
    assert.is(readFileSync(join(user, 'gate/nginx', file), 'utf8'), readFileSync(join(installed, 'nginx', file), 'utf8'), file)
  assert.match(readFileSync(join(user, 'gate/.env'), 'utf8'), /^COGNITO_USER_POOL_ID=us-east-1_AbCdEfGhI$/m)
})

published('the shipped policy passes its own examples', async () => {
  const at = (name: string): string => join(installed, name)
  const checked = await run(user, gatehouse, 'policy', 'test', at('scopes.test.yml'), '--policy', at('scopes.yml'))
  assert.is(checked.code, 0, checked.output)
})

for (const [name, command] of [
  ['gatehouse serve', [gatehouse, 'serve']],
  ['the validator alone', [process.execPath, join(installed, 'dist/validator.js')]],
] as const) {
  published(`${name} decides`, async () => {
    const port = await freePort()
    const [program, ...args] = command
    const validator = start(program, args, {
      COGNITO_USER_POOL_ID: issuer.poolId,
      COGNITO_ISSUER: issuer.issuer,
      ALLOWED_CLIENT_IDS: 'agent',
      SECRET_KEY,
      REGISTRY_URL: 'http://localhost:8000',
      SCOPES_FILE: join(installed, 'scopes.yml'),
      VALIDATOR_LISTEN: `127.0.0.1:${port}`,
    })
    running.push(validator)
    await validator.printed('"msg":"listening"')
    const ask = async (path: string, headers: Record<string, string> = {}): Promise<number> =>
      (await fetch(`http://127.0.0.1:${port}${path}`, { headers })).status
    const question = { 'x-mcp-server': 'currenttime', 'x-mcp-http-method': 'POST' }
    const authorization = `Bearer ${await issuer.token({ scope: 'mcp-servers-unrestricted/execute' })}`
    assert.equal(await Promise.all([ask('/health'), ask('/ready'), ask('/validate', question)]), [200, 200, 401])
    assert.is(await ask('/validate', { ...question, authorization }), 204)
    assert.is(await validator.stop(), 0)
  })
}

published('programs may name the files that they include, and nothing else', () => {
  const { resolve } = createRequire(join(user, 'package.json'))
  for (const name of ['nginx/gatehouse/http.conf', 'nginx/example.conf', 'scopes.yml', 'package.json'])
    assert.is(resolve(`mcp-gatehouse/${name}`), join(installed, name))
  for (const name of ['', '/dist/gatehouse.js', '/bin/gatehouse', '/nginx/../dist/validator.js'])
    assert.throws(
      () => resolve(`mcp-gatehouse${name}`),
      /is not defined by "exports"|No "exports" main|Invalid module specifier|invalid/i,
      name,
    )
})

published('it is published to everybody, with a proof of where it was built', () => {
  assert.equal(manifest.publishConfig, { access: 'public', provenance: true })
})

published.run()
