/** Access to a Valkey or Redis server that comes and goes. A command is answered soon or refused; none waits for a server that is away. */
import { setTimeout as sleep } from 'node:timers/promises'
import { ErrorReply } from '@redis/client'
import { StoreUnavailable } from './ended.ts'
import { type Line, openLine, TimedOut, within } from './valkey_line.ts'
import { parseValkeyUrl, type ValkeyServer } from './valkey_url.ts'

export interface ValkeyOptions {
  /** A command that is answered only by a server that can serve, and that can be written to: a replica may be stale for ever. */
  probe: string[]
  /** Told when the state becomes known and when it or the reason changes. The reason never holds the password. */
  onState(state: { ok: boolean; error?: string }): void
}

export interface Valkey {
  /** The replies to commands that go out together. Rejects with `StoreUnavailable`. */
  send(...commands: string[][]): Promise<unknown[]>
  close(): void
}

/** In milliseconds. NGINX waits 450 for the whole verdict, and 250 of them are the store's. */
const ANSWER_WITHIN = 200
const SHORTEST_PAUSE = 50
const LONGEST_PAUSE = 2000
/** A connection that died silently is to be found before a user needs it. */
const PING_EVERY = 10_000

/** Answers of a server that cannot serve, or no longer: its name may lead to another one by now. */
const ELSEWHERE = /^(?:READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|MOVED|BUSY|NOAUTH)\b/

/** @throws TypeError when the URL cannot be used */
export function connectValkey(url: string, options: ValkeyOptions): Valkey {
  const server = parseValkeyUrl(url)
  const keeper = keepLine(server, options)
  const send = async (...commands: string[][]): Promise<unknown[]> => {
    const call: { line: Line | null; late: boolean } = { line: null, late: false }
    const replies = keeper.line().then((line) => {
      if (call.late) throw new TimedOut()
      call.line = line
      return line.send(commands)
    })
    try {
      return await within(ANSWER_WITHIN, replies)
    } catch (error) {
      call.late = true
      if (error instanceof TimedOut) keeper.report(false, error)
      // Replies that come later still would be for nobody: the connection goes, and they with it.
      if (error instanceof TimedOut || (error instanceof ErrorReply && ELSEWHERE.test(error.message))) call.line?.drop(error)
      throw new StoreUnavailable(describe(error, server))
    }
  }
  const ping = setInterval(() => send(options.probe).catch(() => {}), PING_EVERY).unref()
  const close = (): void => {
    clearInterval(ping)
    keeper.close()
  }
  return { send, close }
}

interface Keeper {
  /** The connection, or the one that is being made; rejects at once when the server is known to be away. */
  line(): Promise<Line>
  report(ok: boolean, error?: unknown): void
  close(): void
}

/** Makes a connection again whenever it is lost, for ever. */
function keepLine(server: ValkeyServer, { probe, onState }: ValkeyOptions): Keeper {
  const closing = new AbortController()
  let known: { ok: boolean; error?: string } | null = null
  let newest: Line | null = null
  let ready: Promise<Line>

  const report: Keeper['report'] = (ok, error) => {
    const state = ok ? { ok } : { ok, error: describe(error, server) }
    if (closing.signal.aborted || (known?.ok === ok && known.error === state.error)) return
    known = state
    onState(state)
  }
  const open = async (failures: number): Promise<Line> => {
    if (known !== null) await sleep(pauseAfter(failures), undefined, { signal: closing.signal })
    const line = openLine(server, probe)
    newest = line
    await line.ready
    return line
  }
  const renew = (failures: number): void => {
    if (closing.signal.aborted) return
    ready = open(failures)
    ready.then(
      ({ lost }) => {
        report(true)
        // Not reported yet: calls wait within their time for a server that takes a new connection at once.
        lost.then(() => renew(0))
      },
      (error) => {
        report(false, error)
        renew(failures + 1)
      },
    )
  }
  renew(0)
  return {
    line: () => (known?.ok === false || closing.signal.aborted ? Promise.reject(new Error('the store is away')) : ready),
    report,
    close: () => {
      closing.abort()
      newest?.drop(new Error('the store was closed'))
    },
  }
}

/** Milliseconds, with a random share, so that many validators do not come back all at once. */
export const pauseAfter = (failures: number): number => Math.min(LONGEST_PAUSE, SHORTEST_PAUSE * 2 ** failures) * (0.5 + Math.random() / 2)

/** Servers quote what they did not understand, which may be the password: nothing from the first quote on is shown. */
function describe(error: unknown, { password }: ValkeyServer): string {
  const { code, message } = error as { code?: string; message: string }
  const text = /^[^`'"\r\n]{0,120}/.exec(code ?? message)?.[0].trim() ?? ''
  return password !== undefined && text.includes(password) ? 'an error that names the password' : text
}
