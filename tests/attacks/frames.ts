/** An HTTP/2 client that sends exactly the frames it is given (RFC 9113), for what node:http2 would refuse to send. */
import { connect, type TLSSocket } from 'node:tls'
import type { Answer } from '../support/raw.ts'

export type Field = readonly [name: string, value: string]

const DATA = 0
const HEADERS = 1
const RST_STREAM = 3
const SETTINGS = 4
const GOAWAY = 7
const CONTINUATION = 9
const END_STREAM = 1
const END_HEADERS = 4

export function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** An integer of RFC 7541 section 5.1 with a prefix of 7 bits. */
function integer(value: number): Buffer {
  if (value < 127) return Buffer.from([value])
  const bytes = [127]
  let rest = value - 127
  for (; rest >= 128; rest >>= 7) bytes.push((rest & 127) | 128)
  return Buffer.from([...bytes, rest])
}

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value, 'latin1')
  return Buffer.concat([integer(bytes.length), bytes])
}

/** Fields as literals that are not indexed and not compressed: every byte travels as it is. */
export const pack = (fields: readonly Field[]): Buffer =>
  Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]))

export const headers = (fields: readonly Field[], stream = 1, flags = END_HEADERS): Buffer => frame(HEADERS, flags, stream, pack(fields))
export const data = (body: string | Buffer, stream = 1, flags = END_STREAM): Buffer => frame(DATA, flags, stream, Buffer.from(body))
export const trailers = (fields: readonly Field[]): Buffer => frame(HEADERS, END_HEADERS | END_STREAM, 1, pack(fields))
export const reset = (stream: number): Buffer => frame(RST_STREAM, 0, stream, Buffer.from([0, 0, 0, 8]))
export const settings = (flags = 0): Buffer => frame(SETTINGS, flags, 0)
export const continuation = (payload: Buffer, flags = 0): Buffer => frame(CONTINUATION, flags, 1, payload)
export const noEnd = (fields: readonly Field[]): Buffer => headers(fields, 1, 0)

/** What a client says first. */
export const preface = (): Buffer => Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), settings()])

/** A field that enters the table of the peer, and as many references to it. */
export const repeated = (name: string, value: string, times: number): Buffer =>
  Buffer.concat([Buffer.from([0x40]), text(name), text(value), Buffer.alloc(times, 0x80 | 62)])

/** Opens a connection over TLS that has agreed on HTTP/2. */
export const open = (port: number): TLSSocket => connect({ port, host: '127.0.0.1', ALPNProtocols: ['h2'], rejectUnauthorized: false })

/**
 * Sends frames on a new connection; gives the status of the first response.
 * A stream or connection that is ended without one gives no answer at all.
 */
export function exchange(port: number, frames: readonly Buffer[], timeout = 3000): Promise<Answer[]> {
  return new Promise((done) => {
    const socket = open(port)
    let received = Buffer.alloc(0)
    const finish = (status: number | null): void => {
      clearTimeout(timer)
      socket.destroy()
      done(status === null ? [] : [{ status, headers: {}, body: '' }])
    }
    const timer = setTimeout(() => finish(null), timeout)
    socket.on('secureConnect', () => socket.write(Buffer.concat([preface(), ...frames])))
    socket.on('data', (bytes) => {
      received = Buffer.concat([received, bytes])
      const outcome = readOutcome(received)
      if (outcome !== undefined) finish(outcome)
    })
    socket.on('error', () => finish(null))
    socket.on('close', () => finish(null))
  })
}

/** The status of a response, null when the stream or the connection was given up, undefined when neither is there yet. */
function readOutcome(received: Buffer): number | null | undefined {
  for (let at = 0; at + 9 <= received.length; ) {
    const length = received.readUIntBE(at, 3)
    const type = received[at + 3]
    if (at + 9 + length > received.length) return undefined
    if (type === HEADERS) return statusOf(received.subarray(at + 9, at + 9 + length))
    if (type === RST_STREAM || type === GOAWAY) return null
    at += 9 + length
  }
  return undefined
}

/** RFC 7541 appendix A: the common statuses have numbers of their own; NGINX writes the others as three digits. */
function statusOf(block: Buffer): number {
  const indexed: Record<number, number> = { 136: 200, 137: 204, 138: 206, 139: 304, 140: 400, 141: 404, 142: 500 }
  const at = (block[0] ?? 0) >> 5 === 1 ? 1 : 0
  return indexed[block[at] ?? 0] ?? Number(block.subarray(at + 2, at + 5).toString())
}
