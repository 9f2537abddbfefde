/** Requests of one connection: with the caller's credential, to one origin alone, and what went wrong with the last one. */
import type { Identity } from './identity.ts'
import { type GatewayRefusal, readRefusal } from './refusal.ts'

/** What happened since the last question began. */
export interface Seen {
  refusal: GatewayRefusal | null
  /** Status of an answer that was no success. */
  status: number | null
  /** What `fetch` threw. */
  network: unknown
  /** What the identity threw. */
  trouble: unknown
}

export interface Wire {
  fetch: (url: string | URL, init?: RequestInit) => Promise<Response>
  seen(): Seen
  /** Before a question. */
  clear(): void
}

/** Bytes of one answer, unpacked. */
const MOST_BYTES = 32 * 1024 * 1024

/** The server may be hostile: what never ends must not fill the memory. */
function bounded(response: Response, signal: RequestInit['signal']): Response {
  if (response.body === null) return response
  let left = MOST_BYTES
  const count = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      left -= chunk.byteLength
      if (left < 0) controller.error(new Error('the answer is too long'))
      else controller.enqueue(chunk)
    },
  })
  const { status, statusText, headers } = response
  return new Response(response.body.pipeThrough(count, signal ? { signal } : {}), { status, statusText, headers })
}

const nothing = (): Seen => ({ refusal: null, status: null, network: null, trouble: null })

/** @param watchesGet whether the failure of a GET is one of the question, as with HTTP+SSE; with Streamable HTTP it is a stream beside it */
export function createWire(origin: string, identity: Identity, watchesGet: boolean): Wire {
  let seen = nothing()

  async function ask(url: string | URL, init: RequestInit): Promise<Response> {
    // A server says where to post to. The credential is for this origin.
    if (new URL(url).origin !== origin) throw new TypeError('another origin')
    const headers = new Headers(init.headers)
    try {
      for (const [name, value] of Object.entries(await identity.headers())) headers.set(name, value)
    } catch (error) {
      seen.trouble = error
      throw error
    }
    return fetch(url, { ...init, headers, redirect: 'manual' })
  }

  async function send(url: string | URL, init: RequestInit = {}): Promise<Response> {
    const watched = watchesGet || init.method === 'POST'
    try {
      let response = await ask(url, init)
      if (response.status === 401 && identity.renew()) response = await ask(url, init)
      if (watched && !response.ok) await note(response)
      return bounded(response, init.signal)
    } catch (error) {
      if (watched) seen.network = error
      throw error
    }
  }

  async function note(response: Response): Promise<void> {
    const now = seen
    now.status = response.status
    now.refusal = await readRefusal(response.clone()).catch(() => null)
  }

  return {
    fetch: send,
    seen: () => seen,
    clear: () => {
      seen = nothing()
    },
  }
}
