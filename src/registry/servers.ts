/** The shape of `servers.yml`: which MCP servers there are, checked as a whole. */
import { isServer } from '../scopes/schema.ts'
import { parseYaml } from '../scopes/yaml.ts'

const TRANSPORTS = ['streamable-http', 'sse'] as const
export type TransportName = (typeof TRANSPORTS)[number]

export interface ServerEntry {
  /** As in `scopes.yml` and in the gateway's paths. */
  name: string
  /** Where the registry itself reaches the server, past the gate. Nobody is told. */
  url: string
  description: string
  tags: string[]
  /** By which the server can be reached through the gate, the first one by the registry too. */
  transports: TransportName[]
}

/** Largest file that is read, in bytes. */
export const MAX_SERVERS_FILE = 1024 * 1024
const MAX_SERVERS = 1000
const MAX_DESCRIPTION = 2000
const MAX_TAGS = 50
const MAX_TAG = 64
const KEYS = ['name', 'url', 'description', 'tags', 'transports']

/** Control characters and what reorders or hides text, but for line ends and tabs. */
const HIDDEN = /[^\P{Cc}\n\t]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

/**
 * Parses and checks the file's text.
 * @returns the servers in the file's order, or every problem with its path, such as `servers[2].url must be an http or https URL, got 7`
 */
export function loadServers(text: string): { value: ServerEntry[] } | { problems: string[] } {
  const parsed = parseYaml(text)
  if ('problems' in parsed) return parsed
  const problems: string[] = []
  const value = checkFile(parsed.document, problems)
  return problems.length > 0 ? { problems } : { value }
}

function checkFile(document: unknown, problems: string[]): ServerEntry[] {
  if (!isMapping(document) || !Array.isArray(document.servers)) {
    problems.push('the file must be a mapping with "servers", a list of {name, url, description, tags}')
    return []
  }
  for (const key of Object.keys(document)) if (key !== 'servers') problems.push(`${key} is not known; known is servers`)
  if (document.servers.length > MAX_SERVERS) {
    problems.push(`servers lists ${document.servers.length} servers; at most ${MAX_SERVERS} are possible`)
    return []
  }
  const entries = document.servers.map((server, index) => checkServer(server, `servers[${index}]`, problems))
  entries.forEach(({ name }, index) => {
    const first = entries.findIndex((other) => other.name === name)
    if (name !== '' && first < index) problems.push(`servers[${index}].name: servers[${first}] is called "${name}" already`)
  })
  return entries
}

function checkServer(server: unknown, path: string, problems: string[]): ServerEntry {
  const entry: ServerEntry = { name: '', url: '', description: '', tags: [], transports: ['streamable-http'] }
  if (!isMapping(server)) {
    problems.push(`${path} must be a mapping with name and url, got ${describe(server)}`)
    return entry
  }
  for (const key of Object.keys(server)) {
    if (!KEYS.includes(key)) problems.push(`${path}.${key} is not known; known are ${KEYS.join(', ')}`)
  }
  const { name, url, description = '', tags = [], transports = entry.transports } = server
  const wrong = (key: string, rule: string, value: unknown) => problems.push(`${path}.${key} must be ${rule}, got ${describe(value)}`)
  if (typeof name === 'string' && isServer(name)) entry.name = name
  else wrong('name', 'letters, digits, ".", "_" and "-" (at most 64), as in scopes.yml', name)
  const urlProblem = problemOfUrl(url)
  if (urlProblem === null) entry.url = url as string
  else problems.push(`${path}.url ${urlProblem}`)
  if (isText(description, MAX_DESCRIPTION)) entry.description = description.trim()
  else wrong('description', `text of at most ${MAX_DESCRIPTION} characters`, description)
  if (isTags(tags)) entry.tags = tags
  else wrong('tags', `a list of at most ${MAX_TAGS} words of at most ${MAX_TAG} characters`, tags)
  if (isTransports(transports)) entry.transports = transports
  else wrong('transports', `a list of ${TRANSPORTS.join(' and ')}, each once`, transports)
  return entry
}

/** A URL may hold a password, so one that is not taken is not repeated. */
function problemOfUrl(value: unknown): string | null {
  const example = 'Example: http://127.0.0.1:9001/mcp'
  if (typeof value !== 'string' || !URL.canParse(value)) return `must be an http or https URL. ${example}`
  const { protocol, username, password, hash } = new URL(value)
  if (protocol !== 'http:' && protocol !== 'https:') return `must be an http or https URL. ${example}`
  if (username !== '' || password !== '') return `must not hold a user name or password. ${example}`
  return hash === '' ? null : `must not hold a fragment ("#"). ${example}`
}

const isMapping = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

const isText = (value: unknown, most: number): value is string => typeof value === 'string' && value.length <= most && !HIDDEN.test(value)

const isTags = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length <= MAX_TAGS && value.every((tag) => isText(tag, MAX_TAG) && /^[^\n\t]*\S[^\n\t]*$/.test(tag))

const isTransports = (value: unknown): value is TransportName[] =>
  Array.isArray(value) && value.length > 0 && new Set(value).size === value.length && value.every((one) => TRANSPORTS.includes(one))

/** A value as the message shows it. Aliases can make one endless, so what is inside is not written out. */
function describe(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object') return 'a mapping'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
