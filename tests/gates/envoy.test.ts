/** Envoy is no Debian package. Where it is, by `ENVOY_BIN` or as `envoy`, it runs; its configuration is read in any case. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { load } from 'js-yaml'
import * as assert from '../support/assert.ts'
import { root } from '../support/gateway.ts'
import { start } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { testGate } from './cases.ts'

const ENVOY = process.env.ENVOY_BIN || 'envoy'

const config = suite('envoy.yaml')

/** All that stands under a key, wherever. */
function under(node: unknown, key: string): unknown[] {
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([name, value]) => [...(name === key ? [value] : []), ...under(value, key)])
}

config('asks for every call on a server that is a constant of the route, and takes no silence for a yes', () => {
  const text = readFileSync(join(root, 'gates/envoy/envoy.yaml'), 'utf8')
  const envoy = load(text)
  assert.equal(under(envoy, 'failure_mode_allow'), [false])
  assert.equal(under(envoy, 'path_override'), ['/validate'])
  const headers = under(envoy, 'headers_to_add') as { key: string; value: string }[][]
  assert.equal(
    headers.flat().map(({ key, value }) => `${key}: ${value}`),
    ['x-mcp-server: %METADATA(ROUTE:gatehouse:server)%', 'x-mcp-http-method: %REQ(:METHOD)%', 'x-mcp-call: *'],
  )
  const routes = (under(envoy, 'routes') as Record<string, unknown>[][]).flat()
  const guarded = routes.filter((route) => route.route !== undefined && route.typed_per_filter_config === undefined)
  const led = guarded.map(({ match, metadata, route }) =>
    [under(match, 'path'), under(metadata, 'server'), under(route, 'cluster'), under(route, 'prefix_rewrite')].flat(),
  )
  assert.equal(led, [
    ['/currenttime/mcp', 'currenttime', 'currenttime', '/mcp'],
    ['/mcpgw/mcp', 'mcpgw', 'mcpgw', '/mcp'],
    ['/validate', 'validator'],
  ])
})

config('takes credentials and what servers may not say out on the way to them, and not on the way to sign in', () => {
  const envoy = load(readFileSync(join(root, 'gates/envoy/envoy.yaml'), 'utf8'))
  const hosts = (under(envoy, 'virtual_hosts') as { routes: object[] }[][]).flat()
  const removing = (part: object, what: string): string[] => under(part, what).flat() as string[]
  for (const { routes, ...all } of hosts) {
    assert.equal([removing(all, 'request_headers_to_remove'), removing(all, 'response_headers_to_remove')], [[], []])
    for (const route of routes) {
      const [cluster] = under(route, 'cluster')
      const isServer = cluster === 'currenttime' || cluster === 'mcpgw'
      assert.equal(removing(route, 'request_headers_to_remove'), isServer ? ['authorization', 'cookie'] : [], String(cluster))
      const away = removing(route, 'response_headers_to_remove')
      assert.equal(away.includes('set-cookie') && away.includes('location'), isServer, String(cluster))
      if (!isServer) assert.equal(away, [])
    }
  }
})

config.run()

if (spawnSync(ENVOY, ['--version']).status === 0)
  testGate('envoy', (folder) =>
    start(ENVOY, ['-c', join(folder, 'envoy.yaml'), '--use-dynamic-base-id', '--concurrency', '1', '-l', 'warning']),
  )
