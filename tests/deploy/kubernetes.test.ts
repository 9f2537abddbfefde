/** What deploy/kubernetes/ says agrees with itself, with docker/, with nginx/ and with the settings that are read. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parseEnv } from 'node:util'
import { load, loadAll } from 'js-yaml'
import { readConfig } from '../../src/config.ts'
import { SECRETS } from '../../src/settings.ts'
import * as assert from '../support/assert.ts'
import { root, SECRET_KEY } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'

// biome-ignore lint/suspicious/noExplicitAny: manifests have many shapes, and a path that does not exist fails the test.
type Json = Record<string, any>

const kubernetes = suite('deploy: Kubernetes')
const folder = join(root, 'deploy/kubernetes')
const read = (path: string): string => readFileSync(join(folder, path), 'utf8')
const rootFile = (path: string): string => readFileSync(join(root, path), 'utf8')

const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => /\.ya?ml$/.test(path))
const manifests = files.filter((path) => !/kustomization\.yaml$|scopes\.yml$|servers\.yml$|overlays\/dev\/gateway\.yaml$/.test(path))
const objects: Json[] = manifests.flatMap((path) => loadAll(read(path)) as Json[])
const kustomizations = files.filter((path) => basename(path) === 'kustomization.yaml')
const find = (kind: string, name: string): Json => {
  const found = objects.find((one) => one.kind === kind && one.metadata.name === name && (kind !== 'Deployment' || one.spec.selector))
  if (found === undefined) throw new Error(`there is no ${kind} ${name}`)
  return found
}
const podOf = (kind: string, name: string): Json => find(kind, name).spec.template.spec
const containersOf = (pod: Json): Json[] => [...(pod.initContainers ?? []), ...pod.containers]
const pods = ['gateway', 'mcpgw', 'currenttime'].map((name) => podOf('Deployment', name)).concat(podOf('StatefulSet', 'valkey'))
const devPatch = load(read('overlays/dev/gateway.yaml')) as Json[]
const standIn = devPatch.find(({ op, value }) => op === 'add' && value?.name === 'cognito')?.value as Json
const gateway = podOf('Deployment', 'gateway')
const container = (name: string): Json => containersOf(gateway).find((one) => one.name === name) as Json

kubernetes('every kustomization lists files and folders that exist, and no file is forgotten', () => {
  assert.equal(kustomizations.map(dirname).sort(), ['base', 'overlays/dev', 'overlays/ha'])
  const listed = new Set<string>()
  for (const file of kustomizations) {
    const { resources = [], patches = [], configMapGenerator = [] } = load(read(file)) as Json
    const named = [
      ...resources,
      ...patches.map(({ path }: Json) => path),
      ...configMapGenerator.flatMap(({ files: some = [], envs = [] }: Json) => [...some, ...envs]),
    ]
    for (const name of named) {
      const path = join(dirname(file), name)
      assert.ok(existsSync(join(folder, path)), path)
      listed.add(path)
    }
  }
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => /^(?:base|overlays\/\w+)\/[^/]+\.\w+$/.test(path))
  assert.equal(
    all.filter((path) => !listed.has(path) && basename(path) !== 'kustomization.yaml'),
    [],
  )
})

kubernetes('every pod keeps to the restricted profile, on a read-only file system, without a token of the cluster', () => {
  assert.is(find('Namespace', 'gatehouse').metadata.labels['pod-security.kubernetes.io/enforce'], 'restricted')
  for (const pod of pods) {
    assert.equal([pod.automountServiceAccountToken, pod.enableServiceLinks], [false, false])
    assert.equal([pod.hostNetwork, pod.hostPID, pod.hostIPC], [undefined, undefined, undefined])
    assert.is(pod.securityContext.runAsNonRoot, true)
    assert.ok(pod.securityContext.runAsUser > 0)
    assert.is(pod.securityContext.seccompProfile.type, 'RuntimeDefault')
    for (const volume of pod.volumes ?? []) assert.not('hostPath' in volume, volume.name)
  }
  for (const { name, securityContext, resources, ports = [] } of [...pods.flatMap(containersOf), standIn]) {
    const { runAsUser = 1, runAsGroup, ...locked } = securityContext
    assert.ok(runAsUser > 0 && runAsGroup !== 0, name)
    assert.equal(locked, { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } })
    assert.ok(resources.requests.cpu && resources.requests.memory && resources.limits.memory, name)
    for (const port of ports) assert.not('hostPort' in port, name)
  }
})

kubernetes('what is mounted is there, and a folder of a ConfigMap stays one, so that a change arrives', () => {
  for (const pod of pods) {
    const claims = pod === pods[3] ? find('StatefulSet', 'valkey').spec.volumeClaimTemplates.map((one: Json) => one.metadata.name) : []
    const names = [...claims, ...(pod.volumes ?? []).map((one: Json) => one.name)]
    for (const { volumeMounts = [] } of containersOf(pod)) {
      for (const { name, mountPath, subPath, readOnly } of volumeMounts) {
        assert.ok(names.includes(name), name)
        if (name === 'policy') assert.equal([mountPath, subPath, readOnly], ['/etc/gatehouse/policy', undefined, true])
      }
    }
  }
})

kubernetes('users, images and commands are those of the images', () => {
  const dockerfile = rootFile('docker/validator.Dockerfile')
  assert.match(
    dockerfile,
    new RegExp(`^USER ${container('validator').securityContext.runAsUser}:${container('validator').securityContext.runAsGroup}$`, 'm'),
  )
  assert.match(
    rootFile('docker/gateway.Dockerfile'),
    new RegExp(`^USER ${gateway.securityContext.runAsUser}:${gateway.securityContext.runAsGroup}$`, 'm'),
  )
  const { services } = load(rootFile('docker/compose.yml').replaceAll('<<: *locked', '')) as Json
  const built = [...Object.values(services as Json).map(({ image }) => image), 'mcp-gatehouse-gateway']
  const { images } = load(read('base/kustomization.yaml')) as Json
  const { version } = JSON.parse(rootFile('package.json'))
  for (const { name, newTag } of images) assert.ok(built.includes(name) && newTag === version, name)
  const own = [...pods.slice(0, 3).flatMap(containersOf), standIn].map(({ image }) => image)
  for (const image of own)
    assert.ok(
      images.some(({ name }: Json) => name === image),
      image,
    )
  assert.is(podOf('StatefulSet', 'valkey').containers[0].image, /VALKEY_IMAGE:-(.*?)\}/.exec(rootFile('docker/compose.ha.yml'))?.[1])
  const check = JSON.parse(/AS validator[\s\S]*?CMD (\["node".*?\])\n/.exec(dockerfile)?.[1] ?? 'null')
  for (const probe of ['startupProbe', 'livenessProbe']) assert.equal(container('validator')[probe].exec.command, check)
})

kubernetes('the settings are ones that are read, make a whole configuration, and hold no secret', () => {
  const known = new Set([...rootFile('.env.template').matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name as string))
  const settings = parseEnv(read('base/settings.env'))
  const env = Object.fromEntries(container('validator').env.map(({ name, value }: Json) => [name, value]))
  for (const name of [...Object.keys(settings), ...Object.keys(env)]) assert.ok(known.has(name), name)
  for (const name of SECRETS) assert.not(name in settings || name in env, name)
  const paths = Object.entries(env).filter(([name]) => name.endsWith('_FILE') && name !== 'SCOPES_FILE')
  const { data } = find('ExternalSecret', 'gatehouse-secrets').spec
  assert.equal(
    paths.map(([, path]) => basename(path as string)),
    data.map(({ secretKey }: Json) => secretKey),
  )
  const { SECRET_KEY_FILE: _key, COGNITO_CLIENT_SECRET_FILE: _secret, ...rest } = env
  const store = (load(read('overlays/ha/kustomization.yaml')) as Json).configMapGenerator[0].literals[0].replace('SESSION_STORE_URL=', '')
  const config = readConfig({ ...settings, ...(rest as Record<string, string>), SECRET_KEY, SESSION_STORE_URL: store })
  const service = find('Service', 'valkey')
  assert.is(config.sessionStore, `redis://${service.metadata.name}:${service.spec.ports[0].port}/0`)
  const { volumeMounts } = container('validator')
  for (const [, path] of paths) assert.is(dirname(path as string), volumeMounts.find(({ name }: Json) => name === 'secrets').mountPath)
  assert.is(dirname(config.scopesFile), volumeMounts.find(({ name }: Json) => name === 'policy').mountPath)
})

kubernetes('NGINX asks the socket on which the validator listens, and its upstreams and ports are those of Services', () => {
  const listen = container('validator').env.find(({ name }: Json) => name === 'VALIDATOR_LISTEN').value
  assert.ok(read('base/validator.conf').includes(`    server ${listen} max_fails=0;`))
  for (const name of ['validator', 'gateway']) {
    assert.is(container(name).volumeMounts.find((one: Json) => one.name === 'socket').mountPath, dirname(listen.replace('unix:', '')))
  }
  const conf = read('base/nginx.conf')
  const upstreams = [...conf.matchAll(/^ {4}upstream (\w+) +\{ server (\S+?):(\d+);/gm)]
  assert.equal(
    upstreams.map(([, name]) => name),
    (load(read('base/servers.yml')) as Json).servers.map(({ name }: Json) => name),
  )
  for (const [, name, host, port] of upstreams) {
    assert.is(host, name)
    assert.is(find('Service', name as string).spec.ports[0].port, Number(port))
    assert.is(podOf('Deployment', name as string).containers[0].ports[0].containerPort, Number(port))
  }
  assert.match(conf, new RegExp(`^ {8}listen ${container('gateway').ports[0].containerPort};$`, 'm'))
  for (const probe of ['readinessProbe', 'livenessProbe'])
    assert.ok(conf.includes(`location = ${container('gateway')[probe].httpGet.path} {`), probe)
  // Connections have until then to end, before they are cut off.
  const [, drain] = /worker_shutdown_timeout (\d+)s/.exec(conf) ?? []
  assert.ok(Number(drain) + Number(container('gateway').lifecycle.preStop.exec.command[1]) < gateway.terminationGracePeriodSeconds)
})

kubernetes('the files that stand twice are the same: the policy, the servers, and nginx.conf but for what it says', () => {
  const withoutComments = (text: string): string => text.replace(/^ *#.*\n/gm, '')
  assert.is(read('base/scopes.yml'), rootFile('scopes.yml'))
  assert.is(withoutComments(read('base/servers.yml')), withoutComments(rootFile('docker/servers.yml')))
  const live = / {8}location = \/live \{\n[\s\S]*?\n {8}\}\n\n/
  const numbers = (text: string): string => text.replace(/^(worker_processes|worker_shutdown_timeout) .*$/gm, '$1')
  assert.is(
    numbers(withoutComments(read('base/nginx.conf')).replace(live, '')),
    numbers(withoutComments(rootFile('docker/gateway/nginx.conf'))),
  )
})

kubernetes('everybody is shut out by default, and who is let in is named by labels that pods have', () => {
  const policies = objects.filter(({ kind }) => kind === 'NetworkPolicy')
  const nobody = find('NetworkPolicy', 'nobody').spec
  assert.equal([nobody.podSelector, nobody.policyTypes, nobody.ingress, nobody.egress], [{}, ['Ingress', 'Egress'], undefined, undefined])
  const labels = ['gateway', 'mcpgw', 'currenttime']
    .map((name) => find('Deployment', name).spec.template.metadata.labels)
    .concat(find('StatefulSet', 'valkey').spec.template.metadata.labels)
  const selectors = policies.flatMap(({ spec }) => [
    spec.podSelector,
    ...[...(spec.ingress ?? []), ...(spec.egress ?? [])].flatMap(({ from = [], to = [] }: Json) =>
      [...from, ...to].flatMap((one: Json) => one.podSelector ?? []),
    ),
  ])
  for (const { matchLabels = {} } of selectors) {
    for (const [key, value] of Object.entries(matchLabels))
      assert.ok(
        labels.some((one) => one[key] === value),
        `${key}=${value}`,
      )
  }
  // The gate alone is open to all.
  const open = policies.filter(({ spec }) => (spec.ingress ?? []).some(({ from }: Json) => from === undefined))
  assert.equal(
    open.map(({ metadata }) => metadata.name),
    ['gateway'],
  )
})

kubernetes('several gates have a store that they share; one alone has none and is not held back by a budget', () => {
  assert.is(find('Deployment', 'gateway').spec.replicas, 1)
  for (const file of manifests.filter((path) => path.startsWith('base/')))
    assert.not.match(read(file), /HorizontalPodAutoscaler|PodDisruptionBudget/, file)
  const { scaleTargetRef, minReplicas, metrics } = find('HorizontalPodAutoscaler', 'gateway').spec
  assert.equal([scaleTargetRef.name, minReplicas > 1], ['gateway', true])
  assert.ok(containersOf(gateway).some(({ name }) => name === metrics[0].containerResource.container))
  const { matchLabels } = find('PodDisruptionBudget', 'gateway').spec.selector
  assert.equal(matchLabels, find('Deployment', 'gateway').spec.selector.matchLabels)
})

kubernetes('the patch of the overlay dev fits the Deployment that it changes', () => {
  assert.is(containersOf(gateway)[0]?.name, 'validator')
  for (const { op, path, value } of devPatch) {
    const found = path
      .split('/')
      .slice(1)
      .reduce((at: Json | undefined, step: string) => at?.[step], find('Deployment', 'gateway'))
    if (op !== 'add') assert.ok(found, path)
    if (op === 'test') assert.is(found, value)
  }
})

kubernetes.run()
