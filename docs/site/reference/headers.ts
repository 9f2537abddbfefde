/** What NGINX says to MCP servers and takes out of their answers, from nginx/gatehouse/backend.conf. */
import { code, page, plain, read, table } from './page.ts'

const CONF = read('nginx/gatehouse/backend.conf')
const README = read('README.md')

interface Header {
  name: string
  value: string
}

const sent: Header[] = [...CONF.matchAll(/^proxy_set_header (\S+) +(\S+);/gm)].map(([, name = '', value = '']) => ({ name, value }))
const names = (headers: readonly Header[]): string => headers.map(({ name }) => code(name)).join(' ')

/** The README's words on an identity header. */
function meaning(name: string): string {
  const section = README.slice(README.indexOf('## Headers that MCP servers get'))
  const row = [...section.matchAll(/^\| (`.*?) \| (.*) \|$/gm)].find(([, cell]) => cell?.includes(`\`${name}\``))
  if (row === undefined) throw new Error(`the README does not say what ${name} is`)
  return row[2] as string
}

const isIdentity = ({ value }: Header): boolean => /^\$gatehouse_(?:user|client|scopes|groups|auth|server|tool|request|trace)/.test(value)

/** What the connection to an MCP server is, not what is said on it. */
const isConnection = ({ name }: Header): boolean => ['Connection', 'Upgrade', 'HTTP2-Settings', 'Accept-Encoding'].includes(name)

export function headers(): string {
  const identity = sent.filter(isIdentity)
  const removed = sent.filter((header) => header.value === '""' && !isConnection(header))
  const others = sent.filter((header) => header.value !== '""' && !isIdentity(header))
  const hidden = [...CONF.matchAll(/^proxy_hide_header (\S+);/gm)].map(([, name = '']) => ({ name, value: '' }))
  return page(
    'Headers',
    'nginx/gatehouse/backend.conf and the README',
    '## What MCP servers get',
    "Always the gateway's own. What a client sends under these names is removed; one that would be empty is left out.",
    table(
      ['header', 'value'],
      identity.map(({ name }) => [code(name), meaning(name)]),
    ),
    'What is not visible ASCII is percent-encoded, and so are `%` and, in lists, commas. A list longer than 8 KB is left out.',
    "From where, in NGINX's own variables:",
    table(
      ['header', 'value'],
      others.map(({ name, value }) => [code(name), code(plain(value))]),
    ),
    '## What MCP servers never get',
    'Credentials, and names by which a client could pretend to be somebody, another gateway or another request.',
    names(removed),
    '## What clients never get from an MCP server',
    "A hostile MCP server must not plant cookies, speak in the gateway's name, or tell browsers about the whole origin. `Location` is put back where it stays below the server's own path or leads to another host.",
    names(hidden),
  )
}
