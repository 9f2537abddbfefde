/** Identity headers say what the gate says, at every protected location, on every way to an MCP server, however a client spells its own. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/gateway.ts'
import { ADMIN, AGENT, type Delivery } from './delivery.ts'
import { type Case, DELIVERED, getFrom, http, NOW, postTo, runTable } from './table.ts'

/** The contract with MCP servers, and what older gateways and other proxies call the same things. */
const IDENTITY = ['X-User', 'X-Username', 'X-Client-Id', 'X-Scopes', 'X-Groups', 'X-Auth-Method', 'X-Server-Name', 'X-Tool-Name']
const CREDENTIALS = ['Cookie', 'Proxy-Authorization']
const LOOKALIKES = [
  'X-User-Pool-Id',
  'X-Region',
  'X-Mcp-Server',
  'X-Mcp-Http-Method',
  'X-Mcp-Call',
  'X-Mcp-Allow',
  'X-Mcp-Method',
  'X-Mcp-Tool',
  'X-Body',
  'X-Role',
  'X-Roles',
  'X-Email',
  'Remote-User',
  'X-Remote-User',
  'X-Auth-User',
  'X-Auth-Request-User',
  'X-Auth-Request-Email',
  'X-Auth-Request-Groups',
  'X-Forwarded-User',
  'X-Forwarded-Email',
  'X-Forwarded-Groups',
  'X-Authenticated-User',
  'X-Amzn-Oidc-Identity',
  'X-Amzn-Oidc-Data',
  'X-Amzn-Oidc-Accesstoken',
]
const ROUTING = [
  'X-Original-URL',
  'X-Original-URI',
  'X-Original-Method',
  'X-Rewrite-URL',
  'X-Forwarded-Uri',
  'X-Forwarded-Path',
  'X-Forwarded-Prefix',
  'X-Forwarded-Server',
  'X-Envoy-Original-Path',
  'X-HTTP-Method',
  'X-HTTP-Method-Override',
  'X-Method-Override',
  'Forwarded',
  'Proxy',
  'Upgrade',
  'Accept-Encoding',
]
const FROM_WHERE = ['X-Real-IP', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Port', 'X-Forwarded-Proto']

const title = (name: string): string => name.toLowerCase().replace(/(^|-)([a-z])/g, (part) => part.toUpperCase())

/** Spellings that some server takes for the same name. WSGI and CGI turn hyphens into underscores. */
const spellings = (name: string): string[] => [
  ...new Set([
    name,
    name.toLowerCase(),
    name.toUpperCase(),
    title(name),
    name.replaceAll('-', '_'),
    name.toLowerCase().replaceAll('-', '_'),
    name.toUpperCase().replaceAll('-', '_'),
    name.replace('-', '_'),
    name.replaceAll('-', '.'),
    `HTTP_${name.toUpperCase().replaceAll('-', '_')}`,
    `${name}\xe9`,
    `${name}.`,
    `${name}_`,
  ]),
]

const lies = (name: string): string[] => spellings(name).flatMap((spelling) => [`${spelling}: forged`, `${spelling}: *`])

/** The protected locations of the shipped configuration; a new one is tested without a word here. */
const LOCATIONS = [
  ...readFileSync(join(root, 'nginx/example.conf'), 'utf8').matchAll(/location (?:\^~ )?\/([\w-]+)\/ \{[^}]*gatehouse\/location\.conf/g),
].map(([, name]) => name as Delivery['server'] & string)

/** All ways to an MCP server: each HTTP method, and the location of its own that the old transport has. */
const WAYS: readonly { line: string; url: string; method: string; tool?: string }[] = [
  { line: 'POST /mcp', url: '/mcp', method: 'POST', tool: 'now' },
  { line: 'POST /sse', url: '/sse', method: 'POST', tool: 'now' },
  { line: 'GET /mcp', url: '/mcp', method: 'GET' },
  { line: 'GET /sse', url: '/sse', method: 'GET' },
  { line: 'DELETE /mcp', url: '/mcp', method: 'DELETE' },
]

function everyWay(names: readonly string[]): Case[] {
  return LOCATIONS.flatMap((server) =>
    WAYS.flatMap(({ line, url, method, tool }) =>
      names.map((name): Case => {
        const start = `${line.replace(' ', ` /${server}`)} HTTP/1.1`
        const body = method === 'POST' ? ['Content-Type: application/json', `Content-Length: ${NOW.length}`] : []
        return {
          id: '38',
          name: `${start} with every spelling of ${name}`,
          send: (w) => http(start, ['Host: localhost', w.admin, ...lies(name), ...body], method === 'POST' ? NOW : ''),
          status: 200,
          backend: { server, method, url, caller: ADMIN, ...(tool === undefined ? {} : { tool }) },
        }
      }),
    ),
  )
}

const once = (names: readonly string[]): Case[] =>
  names.map((name) => ({
    id: '48',
    name: `${name} of a client decides nothing and is not passed on`,
    send: (w) => postTo('/currenttime/mcp', [w.agent, ...lies(name)]),
    status: name === 'Proxy-Authorization' ? [200, 400] : 200,
    backend: DELIVERED,
  }))

const cases: Case[] = [
  {
    id: '38',
    name: 'the shipped configuration has protected locations',
    send: (w) => getFrom('/mcpgw/mcp', [w.agent]),
    status: 403,
    backend: 'nothing',
    check: () => (LOCATIONS.length < 2 ? `found only ${LOCATIONS.join(' ')}` : undefined),
  },
  ...everyWay(IDENTITY),
  ...once([...CREDENTIALS, ...LOOKALIKES, ...ROUTING, ...FROM_WHERE]),
  {
    id: '33',
    name: 'the names of a mighty user',
    send: (w) => postTo('/currenttime/mcp', [w.agent, 'X-User: admin', 'X-Scopes: *', 'X-Groups: admins', 'X-Username: admin']),
    status: 200,
    backend: DELIVERED,
  },
  {
    id: '34',
    name: 'X-User twice, in two spellings, before and after the credential',
    send: (w) => postTo('/currenttime/mcp', ['X-User: admin', w.agent, 'x-USER: root']),
    status: 200,
    backend: DELIVERED,
  },
  {
    id: '35',
    name: 'X-User with bytes beyond ASCII in its value',
    send: (w) => postTo('/currenttime/mcp', [w.agent, 'X-User: \xe9\xff', 'X-Groups: \xc3\xa9']),
    status: 200,
    backend: DELIVERED,
  },
  ...['close, X-User, X-Scopes', 'X-User', 'keep-alive, x-user, X-Server-Name, Host', 'X-Request-Id, X-Forwarded-For', 'close,close'].map(
    (value): Case => ({
      id: '39',
      name: `Connection: ${value}`,
      send: (w) => postTo('/currenttime/mcp', [w.agent, `Connection: ${value}`, 'X-User: admin']),
      status: 200,
      backend: { ...DELIVERED, caller: AGENT },
    }),
  ),
]

runTable('identity headers', cases)

runTable('identity headers with underscores_in_headers on', everyWay(IDENTITY), {
  configure: (conf) => {
    const file = join(conf, 'example.conf')
    const open = 'underscores_in_headers on;\n    ignore_invalid_headers off;'
    writeFileSync(file, readFileSync(file, 'utf8').replace('server_tokens off;', `server_tokens off;\n    ${open}`))
  },
})
