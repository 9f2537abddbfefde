/** Other ways to bring the request of a case to the gate: over TLS, over HTTP/2, in chunks, behind another request. */
import { type Answer, type RawOptions, send } from '../support/raw.ts'
import type { Delivery } from './delivery.ts'
import { data, exchange, type Field, headers } from './frames.ts'
import { type Case, caseProblems, DELIVERED, http, postTo } from './table.ts'
import { type Client, openClient } from './tls.ts'
import type { World } from './world.ts'

type Carried = Answer[] | Promise<Answer[]>

export interface Carrier {
  name: string
  /** Gives null where the request cannot travel so, or would be another one. */
  carry(bytes: Buffer, world: World, options: RawOptions): Carried | null
  /** What the MCP server is told of the way. */
  headers?: Record<string, string>
  /** A good request goes before it on the same connection. */
  isBehind?: true
  /** Refusals may be the end of the stream, and an answer nothing but its status. */
  isBare?: true
  /** One of so many cases is carried, another one of each so many: 1 when left out. */
  every?: number
  close?(): void
}

interface Plain {
  method: string
  target: string
  version: string
  fields: Field[]
  body: Buffer
}

/** A request that is one for every reader of HTTP/1.1, taken apart; else null. */
export function readPlain(bytes: Buffer): Plain | null {
  const end = bytes.indexOf('\r\n\r\n')
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n')
  const [method = '', target = '', version = '', ...more] = first.split(' ')
  const fields = lines.map((line) => /^([!#$%&'*+.^_`|~0-9A-Za-z\x80-\xff-]+):[ \t]*([^\r\n\0]*?)[ \t]*$/.exec(line))
  if (end === -1 || more.length > 0 || fields.some((field) => field === null)) return null
  const plain = { method, target, version, fields: fields.map((field) => [field?.[1] ?? '', field?.[2] ?? ''] as const) }
  const body = bytes.subarray(end + 4)
  return hasOneLength(plain.fields, body.length) ? { ...plain, body } : null
}

const valuesOf = (fields: readonly Field[], wanted: string): string[] =>
  fields.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value)
const without = (fields: readonly Field[], ...names: string[]): Field[] => fields.filter(([name]) => !names.includes(name.toLowerCase()))

function hasOneLength(fields: readonly Field[], size: number): boolean {
  const lengths = valuesOf(fields, 'content-length')
  if (valuesOf(fields, 'transfer-encoding').length > 0) return false
  return lengths.length === 0 ? size === 0 : lengths.length === 1 && lengths[0] === String(size)
}

const write = ({ method, target, version, fields, body }: Plain): Buffer =>
  http(
    `${method} ${target} ${version}`,
    fields.map(([name, value]) => `${name}: ${value}`),
    body,
  )

/** The same body in pieces; three sizes, so that a piece ends at many places. */
function inChunks(bytes: Buffer): Buffer | null {
  const plain = readPlain(bytes)
  if (plain === null || plain.method !== 'POST' || plain.version !== 'HTTP/1.1') return null
  const size = plain.body.length > 5000 ? 4096 : plain.body.length % 2 === 0 ? 7 : 31
  const pieces: Buffer[] = []
  for (let at = 0; at < plain.body.length; at += size) {
    const piece = plain.body.subarray(at, at + size)
    pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'))
  }
  const fields: Field[] = [...without(plain.fields, 'content-length'), ['Transfer-Encoding', 'chunked']]
  return write({ ...plain, fields, body: Buffer.concat([...pieces, Buffer.from('0\r\n\r\n')]) })
}

function inOldVersion(bytes: Buffer): Buffer | null {
  const plain = readPlain(bytes)
  // A Host may be missing here, and no interim answer is expected.
  if (plain === null || plain.version !== 'HTTP/1.1' || valuesOf(plain.fields, 'host').length !== 1) return null
  return write({ ...plain, version: 'HTTP/1.0' })
}

const HOP_BY_HOP = ['connection', 'upgrade', 'keep-alive', 'te', 'http2-settings', 'proxy-connection', 'expect']

function overHttp2(client: Client, port: number, bytes: Buffer): Carried | null {
  const plain = readPlain(bytes)
  if (plain === null || plain.version !== 'HTTP/1.1' || !plain.target.startsWith('/') || plain.method === 'CONNECT') return null
  const { method, target, fields, body } = plain
  const hosts = valuesOf(fields, 'host')
  if (hosts.length !== 1 || fields.some(([name]) => HOP_BY_HOP.includes(name.toLowerCase()))) return null
  const rest = without(fields, 'host').map(([name, value]): Field => [name.toLowerCase(), value])
  const all: Field[] = [[':method', method], [':scheme', 'https'], [':path', target], [':authority', hosts[0] ?? ''], ...rest]
  const isBare = all.some(([name, value]) => /[^\x20-\x7e\t]/.test(name + value)) || hasDoubles(rest)
  if (!isBare) return client.request(Object.fromEntries(groups(all)), body.length > 0 ? body : undefined).catch(() => [])
  const size = all.reduce((sum, [name, value]) => sum + name.length + value.length + 12, 0)
  // One frame each, and no more than a peer takes unasked.
  if (size > 16_000 || body.length > 16_000) return null
  return exchange(port, body.length === 0 ? [headers(all, 1, 5)] : [headers(all), data(body)])
}

/** Of these node:http2 sends only one. */
const SINGLE = /^(?:authorization|content-(?:type|length|encoding)|origin|mcp-.*|user-agent|proxy-authorization|range|if-.*)$/
const hasDoubles = (fields: readonly Field[]): boolean => {
  const names = fields.map(([name]) => name).filter((name) => SINGLE.test(name))
  return new Set(names).size < names.length
}
function groups(fields: readonly Field[]): Map<string, string | string[]> {
  const all = new Map<string, string | string[]>()
  for (const [name, value] of fields) all.set(name, all.has(name) ? [all.get(name) as string, value].flat() : value)
  return all
}

/** @param port with TLS, and HTTP/2 for those who ask for it */
export const carriers = (port: number): Carrier[] => {
  const client = openClient(port)
  const told = { 'x-forwarded-port': String(port), 'x-forwarded-proto': 'https' }
  const plainly = (name: string, change: (bytes: Buffer) => Buffer | null): Carrier => ({
    name,
    every: 4,
    carry: (bytes, { gateway }, options) => {
      const changed = change(bytes)
      return changed === null ? null : gateway.raw(changed, options)
    },
  })
  return [
    { name: 'over TLS', every: 4, headers: told, carry: (bytes, _, options) => send(port, bytes, { ...options, secure: true }) },
    { name: 'over HTTP/2', headers: told, isBare: true, carry: (bytes) => overHttp2(client, port, bytes), close: () => client.close() },
    plainly('in chunks', inChunks),
    plainly('in HTTP/1.0', inOldVersion),
    {
      name: 'behind a good request',
      every: 4,
      isBehind: true,
      carry: (bytes, w, options) =>
        w.gateway.raw(Buffer.concat([postTo('/currenttime/mcp', [w.agent]), bytes]), { ...options, answers: 1 + (options.answers ?? 1) }),
    },
  ]
}

/** Carries a case; gives what is wrong, or null where it cannot be carried so. */
export async function carry(world: World, carrier: Carrier, one: Case): Promise<string[] | null> {
  const { gateway } = world
  gateway.reset()
  await one.prepare?.(world)
  const sent = typeof one.send === 'function' ? await one.send(world) : one.send
  if (Array.isArray(sent)) return null
  const bytes = Buffer.isBuffer(sent) ? sent : Buffer.from(sent, 'latin1')
  const answers = await carrier.carry(bytes, world, one.options ?? {})
  if (answers === null) return null
  const problems = carrier.isBehind ? goodProblems(world, answers.shift()) : []
  const isBare = carrier.isBare === true && Object.keys(answers[0]?.headers ?? {}).length === 0
  const expected: Case = {
    ...one,
    status: carrier.isBare && one.backend === 'nothing' ? overHttp2Statuses([one.status].flat()) : one.status,
    backend: one.backend === 'nothing' ? 'nothing' : told(one.backend, carrier),
  }
  if (isBare) delete expected.check
  problems.push(...(await caseProblems(expected, answers, world)).filter((problem) => !(isBare && problem.startsWith('challenge'))))
  return problems
}

/** HTTP/2 ends a stream where HTTP/1.1 has a 400, counts in compressed bytes what may be too long, and has a status of its own for it. */
function overHttp2Statuses(statuses: readonly number[]): number[] {
  const isRefusal = statuses.some((status) => status === 400 || status === 405)
  const isTooLong = statuses.some((status) => status === 414 || status === 431)
  return [...statuses, ...(isRefusal ? [400, 0] : []), ...(isTooLong ? [0, 401, 414, 431] : [])]
}

const told = (backend: Delivery, { headers: more }: Carrier): Delivery =>
  more === undefined ? backend : { ...backend, headers: { ...backend.headers, ...more } }

/** Takes the request that went before out of what was received. */
function goodProblems({ gateway }: World, answer: Answer | undefined): string[] {
  const [first] = gateway.currenttime.received.splice(0, 1)
  return answer?.status === 200 && first?.body === DELIVERED.body ? [] : ['the good request before it was not served']
}
