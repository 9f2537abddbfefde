/** Hands requests on to what is loaded late: when the start is over, or when the first request for it comes before. */
import type { IncomingMessage, ServerResponse } from 'node:http'

type Listen = (incoming: IncomingMessage, outgoing: ServerResponse) => unknown

export interface LateListener {
  listen: Listen
  /** Begins to load, unless that was begun. Never rejects: what goes wrong is told to who asks. */
  load(): Promise<void>
}

/**
 * @param load called once
 * @param failed answers each request where it cannot be loaded
 */
export function createLateListener(load: () => Promise<Listen>, failed: (outgoing: ServerResponse, error: unknown) => void): LateListener {
  let loaded: Listen | undefined
  let loading: Promise<Listen> | undefined
  const loadOnce = async (): Promise<Listen> => {
    loading ??= load()
    loaded = await loading
    return loaded
  }
  return {
    listen: (incoming, outgoing) => {
      if (loaded !== undefined) return loaded(incoming, outgoing)
      const answer = (listen: Listen): unknown => listen(incoming, outgoing)
      return loadOnce().then(answer, (error) => failed(outgoing, error))
    },
    load: async () => void (await loadOnce().catch(() => {})),
  }
}
