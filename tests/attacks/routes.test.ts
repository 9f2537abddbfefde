/** Where a path leads: to the one MCP server that its location names, to the gate's own pages, or nowhere. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Answer } from '../support/raw.ts'
import { ADMIN } from './delivery.ts'
import { type Case, DELIVERED, getFrom, http, MESSAGE, NOW, postTo, runTable } from './table.ts'
import { bearer } from './world.ts'

/** Paths where no MCP server is; the last of them are the gate's own. */
const NOWHERE: readonly (readonly [id: string, path: string])[] = [
  ['17', '/MCPGW/'],
  ['17', '/McpGw/'],
  ['17', '/CurrentTime/mcp'],
  ['18', '/mcpgw'],
  ['18', '/currenttime'],
  ['18', '/mcpgwx/'],
  ['18', '/currenttime;x/mcp'],
  ['18', '/currenttime%20/mcp'],
  ['18', '/currenttime%09/mcp'],
  ['18', '/_currenttime/'],
  ['24', '/_gatehouse/validate'],
  ['24', '/_gatehouse/unremembered'],
  ['24', '/%5fgatehouse/validate'],
  ['24', '//_gatehouse/validate'],
  ['24', '/_gatehouse/./validate'],
  ['24', '/_gatehouse%2fvalidate'],
  ['24', '/_gatehouse/validate/'],
  ['24', '/currenttime/../_gatehouse/validate'],
  ['24', '/_gatehouse/validate?x=1'],
  ['24', '/@gatehouse_proxy'],
  ['24', '/@gatehouse_sse'],
  ['24', '/%40gatehouse_proxy'],
  ['24', '/validate'],
  ['24', '/health/../validate'],
  ['24', '/.well-known/oauth-protected-resource/../../validate'],
  ['24', '/ready'],
]

/** What an outsider could send to the validator's own pages so that it reads another path than NGINX. None may be decided on. */
const METADATA = '/.well-known/oauth-protected-resource'
const TO_THE_VALIDATOR: readonly string[] = [
  `${METADATA}/..\\..\\..\\validate`,
  `${METADATA}/..%5c..%5c..%5cvalidate`,
  `${METADATA}\\..\\..\\validate`,
  `/validate/..${METADATA}`,
  `//validate/..${METADATA}`,
  `/validate%3f/..${METADATA}`,
  `/validate;/..${METADATA}`,
  `/validate%2f..${METADATA}`,
  `${METADATA}/x%0d%0a%0d%0aGET%20/validate`,
]

const QUESTION = ['X-Mcp-Server: currenttime', 'X-Mcp-Http-Method: GET']
const long = (size: number): string => `/currenttime/${'a'.repeat(size)}`

/** Over HTTP/2 nginx tells the way from /NAME to /NAME/ beside the 404, which is no redirect. */
const leads = (answer: Answer | undefined): boolean => {
  const to = answer?.headers.location?.join()
  return to !== undefined && !(answer?.headers[':status'] !== undefined && /^\/\w+\/$/.test(to))
}

const cases: Case[] = [
  ...NOWHERE.map(
    ([id, path]): Case => ({
      id,
      name: `${path} leads nowhere`,
      send: (w) => postTo(path, [w.admin, ...QUESTION]),
      status: 404,
      backend: 'nothing',
      decisions: 0,
      check: ([answer]) => leads(answer) && 'a redirect shows the Host header',
    }),
  ),
  ...TO_THE_VALIDATOR.map(
    (path): Case => ({
      id: '24',
      name: `GET ${path} is no question`,
      send: async (w) => getFrom(path, [`Cookie: mcp_gateway_session=${await w.seal()}`, ...QUESTION]),
      status: [200, 400, 404],
      backend: 'nothing',
      decisions: 0,
      check: ([answer]) => answer?.headers['x-user'] && 'an identity header has come out',
    }),
  ),
  ...['x\\validate?', 'x?', 'x#', 'a@b', 'x:99999', '[::1'].map(
    (host): Case => ({
      id: '24',
      name: `the metadata for Host ${host}`,
      send: http(`GET ${METADATA} HTTP/1.1`, [`Host: ${host}`, ...QUESTION]),
      status: 400,
      backend: 'nothing',
      decisions: 0,
    }),
  ),
  ...[
    '/mcpgw/?/currenttime/',
    '/mcpgw/mcp?server=currenttime',
    '/mcpgw/mcp?/../../currenttime/mcp',
    '/mcpgw/mcp??',
    '/mcpgw/currenttime/mcp',
  ].map((path): Case => ({ id: '16', name: path, send: (w) => postTo(path, [w.agent]), status: 403, backend: 'nothing', decisions: 1 })),
  {
    id: '16',
    name: 'a query goes with the request and decides nothing',
    send: (w) => postTo('/currenttime/mcp?server=mcpgw&x=/../%2e%2e', [w.agent]),
    status: 200,
    backend: { ...DELIVERED, url: '/mcp?server=mcpgw&x=/../%2e%2e' },
  },
  ...['http://evil/mcpgw/', 'http://evil:99999/mcpgw/', 'http://localhost/mcpgw/', 'https://currenttime/mcpgw/', 'HTTP://EVIL/mcpgw/'].map(
    (target): Case => ({
      id: '22',
      name: `POST ${target}`,
      send: (w) => http(`POST ${target} HTTP/1.1`, [...MESSAGE(), w.agent], NOW),
      status: [400, 403, 421],
      backend: 'nothing',
    }),
  ),
  {
    id: '22',
    name: 'the host of an absolute form reaches nobody',
    send: (w) => http('POST http://evil/currenttime/mcp HTTP/1.1', [...MESSAGE(), w.agent], NOW),
    status: 200,
    backend: DELIVERED,
  },
  ...[
    'x.json',
    'x.php',
    '.well-known/oauth-protected-resource',
    '.well-known/x',
    'health',
    '_gatehouse/validate',
    'index.html',
    'mcp/',
  ].flatMap((path): Case[] => [
    { id: '25', name: `${path} by a stranger`, send: postTo(`/currenttime/${path}`, []), status: 401, backend: 'nothing', decisions: 1 },
    { id: '25', name: `${path} of another server`, send: (w) => getFrom(`/mcpgw/${path}`, [w.agent]), status: 403, backend: 'nothing' },
    {
      id: '25',
      name: `${path} by a known caller`,
      send: (w) => postTo(`/currenttime/${path}`, [w.agent]),
      status: 200,
      backend: { ...DELIVERED, url: `/${path}` },
    },
  ]),
  ...[16, 64].map(
    (size): Case => ({
      id: '30',
      name: `a path of ${size} KB`,
      send: (w) => postTo(long(size * 1024), [w.agent]),
      status: 414,
      backend: 'nothing',
      decisions: 0,
    }),
  ),
  {
    id: '30',
    name: 'a path of 8 KB is decided on like any other',
    send: (w) => postTo(long(8192).replace('currenttime', 'mcpgw'), [w.agent]),
    status: [403, 414],
    backend: 'nothing',
  },
  {
    id: '30',
    name: 'a path of 9 KB with a token of 8 KB is the fault of the client',
    send: (w) => postTo(long(9 * 1024), [bearer(w.secret('t'.repeat(8000)))]),
    status: [400, 401, 414, 431],
    backend: 'nothing',
  },
  ...[METADATA, `${METADATA}/currenttime/mcp`, '/health'].map(
    (path): Case => ({
      id: '24',
      name: `the body of a stranger is not waited for at ${path}`,
      send: http(`POST ${path} HTTP/1.1`, ['Host: localhost', 'Content-Length: 10000'], 'x'.repeat(100)),
      options: { timeout: 700 },
      status: [400, 403, 404, 405, 413],
      backend: 'nothing',
    }),
  ),
  {
    id: '31',
    name: 'somebody who may everything reaches the other server',
    send: (w) => postTo('/mcpgw/mcp', [w.admin]),
    status: 200,
    backend: { ...DELIVERED, server: 'mcpgw', caller: ADMIN },
  },
]

runTable('routes', cases)

const ALONE: Case[] = ['/mcpgw/mcp', '/mcpgw/', '/mcpgw', '/mcpgw/../mcpgw/mcp'].map((path) => ({
  id: '31',
  name: `${path} without its location`,
  send: (w) => postTo(path, [w.admin]),
  status: 404,
  backend: 'nothing',
  decisions: 0,
}))

const PLAIN: Case = {
  id: '31',
  name: 'the other server is served as before',
  send: (w) => postTo('/currenttime/mcp', [w.agent]),
  status: 200,
  backend: DELIVERED,
}

runTable('a server whose location is missing', [...ALONE, PLAIN], {
  configure: (conf) => {
    const file = join(conf, 'example.conf')
    writeFileSync(file, readFileSync(file, 'utf8').replace(/location \/mcpgw\/ \{[^}]*\}/, ''))
  },
})
