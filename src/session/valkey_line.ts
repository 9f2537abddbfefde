/** One connection to a Valkey or Redis server, from its first packet to its loss. It is never made again: another one is. */
import { createClient } from '@redis/client'
import type { ValkeyServer } from './valkey_url.ts'

export interface Line {
  /** Resolves when the server can serve, rejects when it cannot. One of them happens within the time for an attempt. */
  ready: Promise<void>
  /** Resolves with the reason. */
  lost: Promise<unknown>
  /** The replies to commands that go out together, in one round trip. Only for a line that is ready. */
  send(commands: string[][]): Promise<unknown[]>
  /** Ends it at once; replies that are still awaited are rejected. */
  drop(reason: unknown): void
}

/** The reason when a server accepts and says nothing. */
export class TimedOut extends Error {
  override message = 'no answer in time'
}

const ATTEMPT_WITHIN = 1000

const makeClient = ({ host, port, tls, servername, ...account }: ValkeyServer) =>
  createClient({
    ...account,
    RESP: 2,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: 'disabled',
    // The library's own time limit ends when a command is written, and costs a timer each.
    commandOptions: { timeout: undefined },
    // Its reconnecting waits for ever for a server that accepts and says nothing.
    socket: { host, port, connectTimeout: ATTEMPT_WITHIN, reconnectStrategy: false, ...(tls && { tls, servername }) },
  })

/** @param probe a command that a server answers only when it can serve: not while it loads, nor without the permission */
export function openLine(server: ValkeyServer, probe: string[]): Line {
  const client = makeClient(server)
  let dropped = false
  let drop: Line['drop'] = () => {}
  const lost = new Promise<unknown>((done) => {
    drop = (reason) => {
      dropped = true
      client.destroy()
      done(reason)
    }
  })
  client.on('error', drop)
  // A client that is destroyed while it connects gets its socket afterwards, and would keep it.
  client.on('connect', () => dropped && client.destroy())
  const probed = client.connect().then(() => client.sendCommand(probe))
  const ended = lost.then((reason) => Promise.reject(reason))
  const ready = within(ATTEMPT_WITHIN, Promise.race([probed, ended])).then(
    () => {},
    (reason) => {
      drop(reason)
      throw reason
    },
  )
  return { ready, lost, drop, send: (commands) => Promise.all(commands.map((command) => client.sendCommand(command))) }
}

/** Milliseconds. Were this process too busy to send or to read, its own delay would be taken for the server's. */
const LAST_CHANCE = 25

/** The promise's outcome, or a rejection with `TimedOut` after the time and `LAST_CHANCE`. */
export function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer = setTimeout(() => {
      timer = setTimeout(() => reject(new TimedOut()), LAST_CHANCE)
    }, milliseconds)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
