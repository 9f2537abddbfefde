/** The end of all sessions of a user: noted in the store, or ordered from a running validator. */
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Listen } from '../config_listen.ts'
import { StoreUnavailable } from '../session/ended.ts'
import { LONGEST_SESSION, sealRevocation } from '../session/order.ts'
import { createSealer } from '../session/seal.ts'
import { CommandError, EXIT } from './exit.ts'
import type { RevokeSettings } from './settings.ts'

/** Milliseconds. */
const TIMEOUT = 5000

const now = (): number => Date.now() / 1000

/**
 * Ends all sessions of a user.
 * @returns what was done, and what cannot be known
 * @throws {CommandError}
 */
export async function revoke(user: string, settings: RevokeSettings): Promise<string> {
  const done =
    `All sessions that ${user} has had until now are ended; how many there were, nobody counts. ${user} may log in again.\n` +
    `Only sessions of the very user name "${user}" are meant, letter case included, as "gatehouse whoami" and the log say it: no e-mail ` +
    'address or other alias, and whether there is such a user was not checked.'
  if (settings.kind === 'store') {
    await noteInStore(user, settings.url)
    return `${done}\nThe store was told, and every validator that uses it obeys at once.`
  }
  const { listen, secretKeys } = settings
  await order(listen, await sealRevocation(createSealer(secretKeys), user, now()), user)
  return (
    `${done}\nThe validator at ${nameOf(listen)} was told, and nobody else: if there are several, tell each of them, or let them share a store ` +
    '(SESSION_STORE_URL). It forgets when it is restarted.'
  )
}

async function noteInStore(user: string, url: string): Promise<void> {
  const { createValkeyStore } = await import('../session/ended_valkey.ts')
  let trouble = ''
  const store = createValkeyStore(url, {
    onState: ({ error = '' }) => {
      trouble = error
    },
  })
  try {
    await patiently(() => store.noteUserNow(user, LONGEST_SESSION))
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
    throw new CommandError(
      EXIT.failed,
      `The store does not answer (${trouble || error.message}), so no session was ended. Check SESSION_STORE_URL.`,
    )
  } finally {
    await store.close()
  }
}

/** The store gives an answer a fraction of a second, as a validator needs it; an operator can wait for a connection. */
async function patiently(note: () => Promise<void>): Promise<void> {
  const end = performance.now() + TIMEOUT
  for (;;) {
    try {
      return await note()
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || performance.now() > end) throw error
      await sleep(200)
    }
  }
}

/** @throws {CommandError} unless the validator says that it was done */
async function order(listen: Listen, seal: string, user: string): Promise<void> {
  const { status, text } = await post(listen, '/sessions/revoke', seal)
  if (status === 200 && text === JSON.stringify({ revoked: user })) return
  const validator = `The validator at ${nameOf(listen)}`
  if (status === 403) {
    const why = 'it has another SECRET_KEY, or its clock or the one here is off'
    throw new CommandError(EXIT.refused, `${validator} refused the order: ${why}. No session was ended.`)
  }
  if (status === 503) throw new CommandError(EXIT.failed, `${validator} does not reach its store. No session was ended.`)
  throw new CommandError(EXIT.failed, `What answers at ${nameOf(listen)} is no validator (status ${status}). No session was ended.`)
}

function post(listen: Listen, path: string, body: string): Promise<{ status: number; text: string }> {
  const where = listen.kind === 'unix' ? { socketPath: listen.path } : { host: reachable(listen.host), port: listen.port }
  return new Promise((resolve, reject) => {
    const away = (error: NodeJS.ErrnoException): void => {
      const cause = error.name === 'TimeoutError' || error.name === 'AbortError' ? 'no answer' : error.code
      const what = `No validator can be reached at ${nameOf(listen)} (${cause}), so no session was ended.`
      reject(new CommandError(EXIT.failed, `${what} Check VALIDATOR_LISTEN, and run this where the validator runs.`))
    }
    const headers = { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(body), connection: 'close' }
    const sent = request({ ...where, path, method: 'POST', headers, signal: AbortSignal.timeout(TIMEOUT) }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text = (text + chunk).slice(0, 1000)
      })
      response.on('error', away)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    sent.on('error', away)
    sent.end(body)
  })
}

/** Where to reach what listens on every address. */
const reachable = (host: string): string => ({ '0.0.0.0': '127.0.0.1', '::': '::1' })[host] ?? host

const nameOf = (listen: Listen): string => (listen.kind === 'unix' ? listen.path : `${listen.host}:${listen.port}`)
