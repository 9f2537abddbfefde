/** Paths of strangers through the real gate: what an MCP server hears is what the client wrote, in plain characters, or nothing. */
import { type Gateway, startGateway } from '../support/gateway.ts'
import { drawn } from './drawn.ts'
import { joined } from './pieces.ts'
import { fuzzing } from './property.ts'

const tests = fuzzing('paths')

const PREFIX = '/currenttime'
const PIECES = [
  '/mcp',
  '/',
  '/currenttime/mcp',
  'x',
  '?',
  '%20',
  '%3f',
  '%0a',
  '%0d%0a',
  '%20HTTP/1.1%0d%0a',
  'X-User:%20admin',
  '.',
  '..',
  '%2e',
  '%2f',
  '/mcpgw/mcp',
  '%09',
  '%25',
  '%7e',
  '~',
  '#',
  ';',
  '\\',
  '//',
  '%00',
  '%85',
  '%c2%a0',
  '%6d',
]

let gateway: Gateway
let token: string
tests.before(async () => {
  gateway = await startGateway()
  token = await gateway.issuer.token()
})
tests.after(() => gateway.close())

/** What the MCP server may hear of a target, by the rules alone: without the mark of an empty query; null for nothing. */
function expectedOf(target: string): string | null {
  const [path = ''] = target.split('?')
  const isPlain = !/[^A-Za-z0-9._~/-]/.test(path) && !path.includes('//') && !path.split('/').some((part) => part === '.' || part === '..')
  return isPlain && path.startsWith(`${PREFIX}/`) && !target.includes('#') ? target.slice(PREFIX.length).replace(/^([^?]*)\?$/, '$1') : null
}

tests.property('a path is heard as it was written, or not at all', {
  from: drawn((random) => `${PREFIX}/${joined(random, PIECES, 9)}`),
  kept: [
    `${PREFIX}/mcp%20${PREFIX}/mcp%3f`,
    `${PREFIX}/mcp%20${PREFIX}/mcp%3f%20HTTP/1.1%0d%0aX-User:%20admin%0d%0aX:%20b`,
    `${PREFIX}/mcp%0a`,
    `${PREFIX}/mcp?%20${PREFIX}/mcp`,
  ],
  noted: 0.05,
  objectionLater: async (target, note) => {
    gateway.reset()
    const [answer] = await gateway.raw(
      `GET ${target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
    )
    const heard = [...gateway.currenttime.received, ...gateway.mcpgw.received].map(({ url }) => url)
    const expected = expectedOf(target)
    if (expected !== null) note()
    const right = expected === null ? heard.length === 0 && answer?.status !== 200 : heard.length === 1 && heard[0] === expected
    return right ? '' : `status ${answer?.status}, the MCP servers have heard ${JSON.stringify(heard)}`
  },
})

tests.run()
