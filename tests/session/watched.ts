/** A store whose server may be away or strange, as a test sees it. */
import { createServer, type Socket } from 'node:net'
import type { Awaitable } from '../../src/gate/awaitable.ts'
import { type EndedSessions, StoreUnavailable } from '../../src/session/ended.ts'
import { createValkeyStore } from '../../src/session/ended_valkey.ts'
import { freePort, until } from '../support/process.ts'
import { LATER, session } from './ended_contract.ts'

export interface Watched {
  store: EndedSessions
  /** What was reported: "ok", or the error. */
  states: string[]
  /** Whether a session is ended, or "unavailable", and how long that took. */
  ask(id?: string): Promise<{ answer: boolean | 'unavailable'; milliseconds: number }>
}

const open: Watched[] = []

export function watch(url: string): Watched {
  const states: string[] = []
  const store = createValkeyStore(url, { onState: ({ ok, error }) => states.push(ok ? 'ok' : (error ?? 'no reason')) })
  const ask: Watched['ask'] = async (id = 'ended') => {
    const started = performance.now()
    const answer = await Promise.resolve(store.has(session(id))).catch((error) => {
      if (error instanceof StoreUnavailable) return 'unavailable' as const
      throw error
    })
    return { answer, milliseconds: performance.now() - started }
  }
  open.push({ store, states, ask })
  return { store, states, ask }
}

export async function closeWatched(): Promise<void> {
  for (const { store } of open.splice(0)) await store.close()
}

export const answers = ({ ask }: Watched, answer: boolean | 'unavailable') =>
  until(`the answer is ${answer}`, async () => (await ask()).answer === answer)

/** Waits for the first connection, and ends the session "ended". */
export async function begin(watched: Watched): Promise<void> {
  await answers(watched, false)
  await watched.store.note('ended', LATER)
}

const changes = (states: string[]): string[] => states.filter((state, index) => state !== states[index - 1])

/** The reports in order, without those that a busy machine adds now and then. Fails when one repeats the one before it. */
export function reports({ states }: Watched): string {
  if (changes(states).length < states.length) throw new Error(`no change: ${states}`)
  return changes(states.filter((state) => state !== 'no answer in time')).join(', ')
}

/** The same store for tests of what it answers, on a machine that may be too busy for an answer in time. */
export function patient(store: EndedSessions): EndedSessions {
  const again = async <T>(call: () => Awaitable<T>): Promise<T> => {
    const deadline = Date.now() + 20_000
    for (;;) {
      try {
        return await call()
      } catch (error) {
        if (!(error instanceof StoreUnavailable) || !/time|away/.test(error.message) || Date.now() > deadline) throw error
        await new Promise((done) => setTimeout(done, 50))
      }
    }
  }
  return {
    ...store,
    has: (of) => again(() => store.has(of)),
    noteUser: (username, at, until) => again(() => store.noteUser(username, at, until)),
    // Once only: an id may have been noted though no answer came.
    note: async (id, until) => {
      await again(() => store.has({ id: '-', username: '-', issuedAt: 0 }))
      return store.note(id, until)
    },
  }
}

export interface Fake {
  url: string
  /** Those that were accepted, the ended ones too. */
  sockets: Socket[]
  stop(): void
}

/** A server that does this with every connection. */
export async function fake(onConnection: (socket: Socket) => void): Promise<Fake> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    // Read on, or the other side's end would not be seen.
    sockets.push(socket.on('error', () => {}).resume())
    onConnection(socket)
  })
  const port = await freePort()
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done))
  const stop = (): void => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  return { url: `redis://127.0.0.1:${port}`, sockets, stop }
}
