/** What the doctor makes of the configuration of NGINX, wherever it comes from. */
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findNginx, installNginx } from '../../src/demo/nginx.ts'
import type { Finding } from '../../src/doctor/finding.ts'
import { examineNginx } from '../../src/doctor/nginx.ts'
import { type NginxConfig, readNginx, wordsOf } from '../../src/doctor/nginx_source.ts'
import * as assert from '../support/assert.ts'
import { root } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'
import { gatewayEnv, kinds, profileFrom } from './world.ts'

const nginx = suite('the configuration of NGINX')
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-doctor-nginx-'))
const run = join(folder, 'run')
mkdirSync(run)
const addresses = { gateway: '127.0.0.1:18999', validator: '127.0.0.1:8888', currenttime: '127.0.0.1:9', mcpgw: '127.0.0.1:10' }
installNginx(join(root, 'nginx'), run, addresses)
const main = join(run, 'conf/example.conf')
const command = [findNginx().nginx, '-p', run, '-e', join(run, 'logs/error.log'), '-c', main]
nginx.after(() => rmSync(folder, { recursive: true, force: true }))

const KNOWN = ['currenttime', 'mcpgw']
const profile = profileFrom('.env', gatewayEnv('http://localhost:9'))
const examine = (config: NginxConfig, known = KNOWN, isAsked = true): Finding[] => examineNginx(config, known, profile, isAsked).findings
const lines = (findings: readonly Finding[]): string => findings.map(({ evidence, remedy }) => `${evidence} → ${remedy}`).join('\n')

nginx('nginx -T, run', async () => {
  const { findings, servers } = examineNginx(await readNginx({ kind: 'command', words: command }), KNOWN, profile, true)
  assert.equal(kinds(findings), ['ok nginx'], lines(findings))
  assert.equal(servers, KNOWN)
  assert.match(lines(findings), 'behind the gate are currenttime, mcpgw')
})
nginx('nginx -T, saved; and the main file with its includes on the disk', async () => {
  const [program = '', ...args] = command
  const saved = join(folder, 'saved.txt')
  writeFileSync(saved, execFileSync(program, [...args, '-T'], { stdio: ['ignore', 'pipe', 'ignore'] }))
  for (const path of [saved, main]) assert.equal(kinds(examine(await readNginx({ kind: 'file', path }))), ['ok nginx'], path)
})
nginx('includes on the disk by wildcard', async () => {
  const copy = join(folder, 'wild')
  cpSync(join(run, 'conf'), copy, { recursive: true })
  mkdirSync(join(copy, 'sites'))
  writeFileSync(join(copy, 'sites/b.conf'), 'server { listen 82; location / { proxy_pass http://127.0.0.1:10; } }')
  writeFileSync(join(copy, 'sites/.hidden.conf'), 'no { configuration')
  const path = join(copy, 'example.conf')
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace('include gatehouse/http.conf;', 'include gatehouse/http.conf; include sites/*.conf;'),
  )
  const findings = examine(await readNginx({ kind: 'file', path }))
  assert.equal(kinds(findings), ['failure nginx'])
  assert.match(
    lines(findings),
    `${join(copy, 'sites/b.conf')}:1: "proxy_pass http://127.0.0.1:10" breaks the rule: nothing but the gate leads to`,
  )
  assert.match(lines(findings), '→ Remove that way, or make it a location with')
})

const changed = async (from: string, to: string): Promise<NginxConfig> => {
  const path = join(run, 'conf/changed.conf')
  const text = readFileSync(main, 'utf8')
  assert.ok(text.includes(from))
  writeFileSync(
    path,
    text.replace(from, () => to),
  )
  return readNginx({ kind: 'file', path })
}
nginx('a location without the gate, for a server of the policy', async () => {
  const findings = examine(await changed('location / {', 'location /fininfo/ { proxy_pass http://127.0.0.1:9003; } location / {'), [
    ...KNOWN,
    'fininfo',
  ])
  assert.equal(kinds(findings), ['failure nginx', 'warning nginx', 'warning nginx'])
  assert.match(
    lines(findings),
    /changed\.conf:\d+: "location \/fininfo\/" breaks the rule: the location of every MCP server is behind the gate/,
  )
  assert.match(lines(findings), 'no location for fininfo, which the policy names')
})
nginx('a server that the policy does not name', async () => {
  const findings = examine(await readNginx({ kind: 'file', path: main }), ['currenttime'])
  assert.equal(kinds(findings), ['ok nginx', 'warning nginx'])
  assert.match(lines(findings), 'mcpgw is behind the gate, and the policy does not name it')
})
nginx('a validator elsewhere', async () => {
  const config = await readNginx({ kind: 'file', path: main })
  const at = (listen: string): string[] =>
    kinds(examineNginx(config, KNOWN, profileFrom('.env', gatewayEnv('http://localhost:9', { VALIDATOR_LISTEN: listen })), true).findings)
  assert.equal(at('127.0.0.1:7777'), ['ok nginx', 'warning nginx'])
  assert.equal(at('unix:/run/x.sock'), ['ok nginx', 'warning nginx'])
  for (const same of ['127.0.0.1:8888', 'localhost:8888', '0.0.0.0:8888']) assert.equal(at(same), ['ok nginx'], same)
})
nginx('one that has no gate, none at all, one that nginx refuses', async () => {
  const plain = join(folder, 'plain.conf')
  writeFileSync(plain, 'events {} http { server { location / { root /srv; } } }')
  const config = await readNginx({ kind: 'file', path: plain })
  assert.equal(kinds(examine(config)), ['failure nginx'])
  assert.equal(kinds(examine(config, KNOWN, false)), ['skipped nginx'])
  assert.equal(kinds(examine({ kind: 'absent' }, KNOWN, false)), ['skipped nginx'])
  const broken = join(folder, 'broken.conf')
  writeFileSync(broken, 'events {}\nhttp { prxy_pass x; }')
  const refused = examine(await readNginx({ kind: 'command', words: [findNginx().nginx, '-c', broken] }))
  assert.equal(kinds(refused), ['failure nginx'])
  assert.match(lines(refused), /fails: \[emerg\] .*unknown directive "prxy_pass" in .*broken\.conf:2/)
})
for (const [what, path, message] of [
  ['not there', 'absent.conf', /absent\.conf cannot be read: ENOENT/],
  ['cut short', 'short.conf', /short\.conf cannot be read: .*short\.conf:1: server does not end/],
  ['an include that is not there', 'lost.conf', /nothing\.conf is included, but not there/],
] as const) {
  nginx(`a file that is ${what}`, async () => {
    writeFileSync(join(folder, 'short.conf'), 'http { server {')
    writeFileSync(join(folder, 'lost.conf'), 'include nothing.conf;')
    const findings = examine(await readNginx({ kind: 'file', path: join(folder, path) }))
    assert.equal(kinds(findings), ['failure nginx'])
    assert.match(lines(findings), message)
  })
}
nginx('a command that is not there, that lacks rights, that prints something else', async () => {
  const script = join(folder, 'nginx.sh')
  const answers = async (text: string): Promise<string> => {
    writeFileSync(script, `#!/bin/sh\n${text}\n`)
    chmodSync(script, 0o755)
    return lines(examine(await readNginx({ kind: 'command', words: [script] })))
  }
  assert.match(await answers('echo "[emerg] open() failed (13: Permission denied)" >&2; exit 1'), /Permission denied.*--nginx "sudo /)
  assert.match(await answers('echo hello'), /cannot be read: it holds no line "# configuration file/)
  assert.match(await answers('echo "$1" >&2; exit 1'), /fails: -T/)
  assert.match(await answers('exit 3'), /nginx\.sh -T fails: it ended with 3 and said nothing/)
  const lost = lines(examine(await readNginx({ kind: 'command', words: [join(folder, 'no-nginx'), 'x'] })))
  assert.match(lost, /there is no program \S*\/no-nginx \(ENOENT\)/)
  assert.not.match(lost, 'complains')
})
for (const [text, words] of [
  ['nginx', ['nginx']],
  ['  nginx  -c /x ', ['nginx', '-c', '/x']],
  [`nginx -c "/a b/c" -p '/d e'`, ['nginx', '-c', '/a b/c', '-p', '/d e']],
  ['nginx -g "daemon off;"x', ['nginx', '-g', 'daemon off;x']],
  ['nginx; rm -rf /', ['nginx;', 'rm', '-rf', '/']],
  ['nginx "x', null],
  ['  ', null],
] as const) {
  nginx(`the words of ${JSON.stringify(text)}`, () => assert.equal(wordsOf(text), words))
}
nginx.run()
