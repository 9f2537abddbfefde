/** MCP servers whose answers are no HTTP, more than one answer, or without end. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Backend } from '../support/backend.ts'
import { until } from '../support/process.ts'
import type { Answer } from '../support/raw.ts'
import { hostile, lacks, writing } from './hostile.ts'
import { type Case, postTo, runTable } from './table.ts'
import type { World } from './world.ts'

const OK = 'HTTP/1.1 200 OK\r\n'
const PLANTED = 'Set-Cookie: mcp_gateway_session=planted\r\nX-User: admin\r\nContent-Length: 2\r\n\r\nok'

/** Answers that are no HTTP, or not one answer. */
const BROKEN: readonly (readonly [name: string, bytes: string, status: number | readonly number[]])[] = [
  ['nothing', '', 502],
  // NGINX takes what does not begin with HTTP/ for an answer of HTTP/0.9, and hands it on as it is.
  ['no HTTP', 'rubbish\r\n\r\n', [0, 502]],
  ['an empty line before the answer', `\r\n${OK}${PLANTED}`, [0, 502]],
  ['a space before the answer', ` ${OK}${PLANTED}`, [0, 502]],
  ['the version in lower case', `http/1.1 200 OK\r\n${PLANTED}`, [0, 502]],
  ['a tab before the status', `HTTP/1.1\t200 OK\r\n${PLANTED}`, [0, 502]],
  // What follows an interim answer is for the client another answer, whose head NGINX has not read.
  ['an answer hidden behind a 103', `HTTP/1.1 103 Early Hints\r\n\r\n${OK}${PLANTED}`, [0, 200, 502]],
  ['an answer hidden behind a 100', `HTTP/1.1 100 Continue\r\n\r\n${OK}${PLANTED}`, [0, 200, 502]],
  ['an answer hidden behind a 199', `HTTP/1.1 199 Wait\r\n\r\n${OK}${PLANTED}`, [0, 200, 502]],
  ['an upgrade that nobody has asked for', `HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n${OK}${PLANTED}`, [0, 502]],
  ['a head cut short', `${OK}Content-Type: text/`, 502],
  ['the status 000', 'HTTP/1.1 000 Zero\r\nContent-Length: 0\r\n\r\n', [0, 502]],
  ['two different Content-Length', `${OK}Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc`, [200, 502]],
  ['Content-Length and Transfer-Encoding', `${OK}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n`, [200, 502]],
  ['an unknown Transfer-Encoding', `${OK}Transfer-Encoding: x\r\n\r\nab`, [200, 502]],
  ['a Content-Length that is none', `${OK}Content-Length: -1\r\n\r\nab`, [200, 502]],
  ['NUL in a header', `${OK}X-A: a\x00b\r\nContent-Length: 0\r\n\r\n`, 502],
  ['a bare CR in a header', `${OK}X-A: a\rSet-Cookie: x=1\r\nContent-Length: 0\r\n\r\n`, 502],
  ['a space before the colon', `${OK}Set-Cookie : mcp_gateway_session=x\r\nContent-Length: 0\r\n\r\n`, [200, 502]],
  ['a head of 20 KB', `${OK}X-A: ${'a'.repeat(20_000)}\r\nContent-Length: 0\r\n\r\n`, 502],
  ['a body cut short', `${OK}Content-Length: 100\r\n\r\nabc`, 200],
  ['chunks cut short', `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nab`, 200],
  [
    'a second answer behind the first',
    `${OK}Content-Length: 2\r\n\r\nabHTTP/1.1 200 OK\r\nX-User: admin\r\nContent-Length: 2\r\n\r\ncd`,
    200,
  ],
  ['a body with 204', 'HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nab', 204],
]

const BROKEN_CASES: Case[] = BROKEN.map(([name, bytes, status]) =>
  hostile('267', name, writing(bytes), {
    status,
    check: lacks('set-cookie', 'x-user'),
    // Where a second head may be hidden, it is waited for.
    ...(/X-User|rubbish/.test(bytes) ? { options: { timeout: 1200, answers: 2 } } : {}),
  }),
)

/** Writes until nobody takes any more; gives the number of bytes that were taken. */
function flood(response: ServerResponse, first: string, piece: string): { taken(): number; closed(): boolean } {
  const { socket } = response
  let closed = false
  socket?.on('close', () => {
    closed = true
  })
  socket?.on('error', () => {})
  const more = (): void => {
    while (piece !== '' && !closed && socket?.write(piece));
  }
  socket?.write(first)
  socket?.on('drain', more)
  more()
  return { taken: () => (socket?.bytesWritten ?? 0) - (socket?.writableLength ?? 0), closed: () => closed }
}

let floods: { taken(): number; closed(): boolean } | undefined
const flooding =
  (first: string, piece: string): Backend['answer'] =>
  (_: IncomingMessage, response) => {
    floods = flood(response, first, piece)
  }

/** A client that sends its request and reads nothing for a while, then leaves. */
async function lazy({ gateway, agent }: World, milliseconds: number): Promise<Answer[]> {
  const socket = connect(gateway.port, '127.0.0.1', () => {
    socket.pause()
    socket.write(postTo('/currenttime/mcp', [agent]))
  })
  socket.on('error', () => {})
  await until('the MCP server has the request', () => gateway.currenttime.received.length > 0)
  await sleep(milliseconds)
  socket.destroy()
  return []
}

const ENDLESS: Case[] = [
  hostile('267', 'headers without end', flooding(OK, 'X-A: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n'), {
    status: 502,
    check: () => until('NGINX has hung up', () => floods?.closed() === true, 2000),
  }),
  hostile(
    '267',
    'a body without end for a client that does not read',
    flooding(`${OK}Transfer-Encoding: chunked\r\n\r\n`, `10000\r\n${'x'.repeat(65_536)}\r\n`),
    {
      send: (w) => lazy(w, 700),
      status: 0,
      check: async () => {
        const taken = floods?.taken() ?? 0
        await until('NGINX has hung up', () => floods?.closed() === true, 3000)
        return taken > 32 * 1024 * 1024 ? `${taken} bytes were taken from the MCP server` : undefined
      },
    },
  ),
  hostile('267', 'no answer at all, and a client that leaves', flooding('', ''), {
    send: (w) => lazy(w, 100),
    status: 0,
    check: () => until('NGINX has hung up', () => floods?.closed() === true, 2000),
  }),
]

const UPGRADE = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'
const tunnelled: string[] = []

const TUNNELS: Case[] = [
  hostile(
    '140',
    'an upgrade that was asked for and granted opens no tunnel',
    (request) => {
      request.socket.on('data', (bytes) => tunnelled.push(bytes.toString('latin1')))
      request.socket.write(UPGRADE)
    },
    {
      send: async (w) => {
        const socket = connect(w.gateway.port, '127.0.0.1', () =>
          socket.write(postTo('/currenttime/mcp', [w.agent, 'Connection: Upgrade', 'Upgrade: websocket'])),
        )
        socket.on('error', () => {})
        await sleep(200)
        socket.write('unchecked bytes')
        await sleep(200)
        socket.destroy()
        return []
      },
      status: 0,
      check: () => (tunnelled.length > 0 ? `through the tunnel: ${tunnelled.join()}` : undefined),
    },
  ),
]

runTable('broken MCP servers', [...BROKEN_CASES, ...ENDLESS, ...TUNNELS])
