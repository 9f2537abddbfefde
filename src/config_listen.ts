/** What a configuration says about addresses to listen at. */
import type { SettingsReader } from './settings.ts'

export type Listen = { kind: 'tcp'; host: string; port: number } | { kind: 'unix'; path: string }

const DEFAULT = { kind: 'tcp', host: '127.0.0.1', port: 8888 } as const
const FORM = 'must be ADDRESS:PORT or unix:/PATH'
/** Bytes of a socket's path (unix(7)). The system cuts a longer one off, and listens somewhere else. */
const LONGEST_PATH = 107

export function readListen(reader: SettingsReader): Listen {
  return read(reader, 'VALIDATOR_LISTEN', '127.0.0.1:8888') ?? DEFAULT
}

/** Of its own, because NGINX passes clients on to the other one. */
export function readMetricsListen(reader: SettingsReader): Listen | null {
  const example = '127.0.0.1:9464'
  const listen = read(reader, 'METRICS_LISTEN', example)
  const other = listenOf(reader.text('VALIDATOR_LISTEN') ?? '') ?? DEFAULT
  if (listen !== null && isSame(listen, other))
    reader.wrong('METRICS_LISTEN', 'must not be the address of VALIDATOR_LISTEN, which NGINX passes clients on to', example)
  return listen
}

/** Null for none, and for one that cannot be used, which is reported. */
function read(reader: SettingsReader, name: string, example: string): Listen | null {
  const text = reader.text(name)
  if (text === undefined) return null
  const listen = listenOf(text)
  if (listen === null) reader.wrong(name, FORM, example)
  if (listen?.kind === 'unix' && Buffer.byteLength(listen.path) > LONGEST_PATH) {
    const what = `names a socket by ${Buffer.byteLength(listen.path)} bytes, of which the system takes ${LONGEST_PATH} at the most`
    reader.wrong(name, what, 'unix:/run/gatehouse/validator.sock')
  }
  return listen
}

function listenOf(text: string): Listen | null {
  if (text.startsWith('unix:/')) return { kind: 'unix', path: text.slice('unix:'.length) }
  const [, bracketed, plain, port] = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  return host === undefined || Number(port) > 65_535 ? null : { kind: 'tcp', host, port: Number(port) }
}

/** Whether one process cannot listen at both. Port 0 is any free one. */
function isSame(one: Listen, other: Listen): boolean {
  if (one.kind === 'unix') return other.kind === 'unix' && one.path === other.path
  if (other.kind === 'unix') return false
  const [a, b] = [canonical(one.host), canonical(other.host)]
  return one.port !== 0 && one.port === other.port && (a === b || covers(a, b) || covers(b, a))
}

/** IPv4 and IPv6 in their shortest forms, as a URL has them. */
function canonical(host: string): string {
  const url = `http://${host.includes(':') ? `[${host}]` : host}`
  return URL.canParse(url) ? new URL(url).hostname : host
}

/** The addresses of a name are not known here: it may be any. */
function covers(wide: string, host: string): boolean {
  if (wide === '[::]') return true
  if (wide === '0.0.0.0') return !host.startsWith('[')
  return wide === 'localhost' && (host.startsWith('127.') || host === '[::1]')
}
