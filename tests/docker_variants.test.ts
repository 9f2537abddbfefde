/** The compose files beside compose.yml: two validators, secrets in files, no account. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { load, YAML11_SCHEMA } from 'js-yaml'
import { SECRETS } from '../src/settings.ts'
import * as assert from './support/assert.ts'
import { root } from './support/gateway.ts'
import { suite } from './support/suite.ts'

interface Service {
  extends?: { file: string; service: string }
  command?: string[]
  environment?: Record<string, string>
  env_file?: string
  volumes?: string[]
  ports?: string[]
  networks?: string[] | Record<string, { aliases: string[] }>
  network_mode?: string
  depends_on?: Record<string, { condition: string }>
  secrets?: string[]
  healthcheck?: { test: string[] }
  deploy?: { resources: { limits: { cpus: string; memory: string; pids: number } } }
  [other: string]: unknown
}

interface Stack {
  services: Record<string, Service>
  networks?: Record<string, { internal?: boolean }>
  volumes?: Record<string, unknown>
  secrets?: Record<string, { file: string }>
}

const variants = suite('docker: the other compose files')
const folder = join(root, 'docker')
const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
const stack = (name: string): Stack => load(read(name), { schema: YAML11_SCHEMA }) as Stack
const base = stack('compose.yml')
const OTHERS = ['compose.ha.yml', 'compose.secrets.yml', 'compose.demo.yml']
const services = (name: string): [string, Service][] => Object.entries(stack(name).services)
/** Those that a file brings along itself, neither taken from compose.yml nor added to what is there. */
const own = (name: string): [string, Service][] =>
  services(name).filter(
    ([service, { extends: from }]) => from === undefined && (name === 'compose.demo.yml' || !(service in base.services)),
  )

variants('they name only what exists', () => {
  for (const name of OTHERS) {
    const { networks = {}, secrets = {}, volumes: named = {} } = stack(name)
    const all = { ...base.services, ...stack(name).services }
    for (const [service, { extends: from, volumes = [], depends_on = {}, networks: joined = [], ...rest }] of services(name)) {
      if (from !== undefined) assert.ok(from.file === 'compose.yml' && from.service in base.services, service)
      for (const volume of volumes) {
        const [source = ''] = volume.split(':')
        assert.ok(source.startsWith('.') ? existsSync(join(folder, source)) : source in named, volume)
      }
      for (const other of Object.keys(depends_on)) assert.ok(other in all, other)
      for (const network of Array.isArray(joined) ? joined : Object.keys(joined))
        assert.ok(network in { ...base.networks, ...networks }, network)
      for (const secret of rest.secrets ?? []) assert.ok(secret in secrets, secret)
    }
  }
})

variants('every container is locked and limited, has a health check, and none but the gateway is published', () => {
  for (const [name, { deploy }] of Object.entries(base.services)) assert.match(deploy?.resources.limits.memory ?? '', /^\d+m$/, name)
  for (const file of OTHERS) {
    for (const [name, service] of own(file)) {
      assert.equal([service.read_only, service.cap_drop, service.security_opt], [true, ['ALL'], ['no-new-privileges:true']], name)
      assert.ok(service.healthcheck, name)
      const { cpus, memory, pids } = service.deploy?.resources.limits ?? {}
      assert.ok(cpus && memory && pids, name)
    }
    for (const [name, { ports, privileged, cap_add, network_mode, user }] of services(file)) {
      assert.equal([ports, privileged, cap_add], [undefined, undefined, undefined], name)
      assert.not.match(String(user), /^(?:0|root)\b/, name)
      // The stand-in answers its own loopback alone, on which the validator of the demo has to be. No other may share a network so.
      if (network_mode !== undefined) assert.is(`${file} ${name} ${network_mode}`, 'compose.demo.yml validator service:cognito')
    }
  }
})

variants('their variables have a default, which README.md tells', () => {
  for (const file of OTHERS) {
    for (const [, name, otherwise] of read(file).matchAll(/\$\{(\w+)(?::-([^}]*))?\}/g)) {
      assert.match(read('README.md'), new RegExp(`^\\| \`${name}\` \\|.*\\| \`${otherwise}\` \\|$`, 'm'))
    }
  }
})

variants('with two validators NGINX knows both by name, and both have the one store, which nobody else reaches', () => {
  const { services, networks } = stack('compose.ha.yml')
  const named = [...read('gateway/validators.conf').matchAll(/^ {4}server (\S+):8888 max_fails=0;$/gm)].map(([, name]) => name as string)
  assert.equal(named, ['validator', 'validator-2'])
  assert.ok(services.gateway?.volumes?.includes('./gateway/validators.conf:/etc/nginx/gatehouse/validator.conf:ro'))
  for (const name of named) {
    assert.equal(services[name]?.environment, { SESSION_STORE_URL: 'redis://valkey:6379/0' })
    assert.equal(services[name]?.networks, ['gate', 'store'])
  }
  assert.is(networks?.store?.internal, true)
  const inStore = Object.entries(services).filter(([, service]) => (service.networks as string[] | undefined)?.includes('store'))
  assert.equal(
    inStore.map(([name]) => name),
    [...named, 'valkey'],
  )
})

variants('secrets in files: under the names that are read, and nothing secret in the environment', () => {
  const { environment = {}, secrets: given = [] } = stack('compose.secrets.yml').services.validator as Service
  assert.equal(
    Object.keys(environment),
    given.map((secret) => `${secret.toUpperCase()}_FILE`),
  )
  for (const [name, path] of Object.entries(environment)) {
    assert.ok((SECRETS as readonly string[]).includes(name.replace(/_FILE$/, '')), name)
    assert.is(path, `/run/secrets/${name.replace(/_FILE$/, '').toLowerCase()}`)
  }
  // What they are made from stays out of version control.
  assert.match(readFileSync(join(root, '.gitignore'), 'utf8'), /^\.secrets\/$/m)
})

variants('without an account the stack is the same but for the validator, which finds the stand-in on its loopback', () => {
  const { services } = stack('compose.demo.yml')
  assert.equal(Object.keys(services).sort(), [...Object.keys(base.services), 'cognito'].sort())
  const { cognito, validator } = services
  assert.equal(cognito?.networks, { gate: { aliases: ['validator'] } })
  assert.is(validator?.networks, undefined)
  assert.equal(validator?.command, ['serve', '--env-file', `${cognito?.environment?.GATEHOUSE_DEMO_DIR}/.env`])
  assert.is(cognito?.environment?.PORT, '9000')
  assert.match(cognito?.healthcheck?.test.join(' ') ?? '', /127\.0\.0\.1:9000\/us-east-1_GatehouseDemo\//)
  assert.ok(statSync(join(root, 'src/demo/pool.ts')).isFile())
})

variants.run()
