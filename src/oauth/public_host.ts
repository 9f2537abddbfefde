/** The addresses of a host name, asked of the name servers themselves. */
import { Resolver } from 'node:dns/promises'

/** All addresses of a name. Rejects when there is none, and when the signal ends the question. */
export type Resolve = (host: string, signal: AbortSignal) => Promise<readonly string[]>

/** Milliseconds for the first try; a second one gets twice as long. */
const PATIENCE = 500

/**
 * Asks as c-ares does, not as getaddrinfo: that one also searches the domains of resolv.conf (a cluster's, a company's) and the file of
 * hosts, and holds a thread of the few that Cognito's name is looked up with, for as long as a stranger's name server likes.
 * @param servers addresses of name servers; left out, the system's
 */
export function createResolve(servers?: readonly string[]): Resolve {
  return async (host, signal) => {
    const resolver = new Resolver({ timeout: PATIENCE, tries: 2 })
    if (servers !== undefined) resolver.setServers(servers)
    const cancel = (): void => resolver.cancel()
    signal.addEventListener('abort', cancel, { once: true })
    try {
      const asked = [resolver.resolve4(host), resolver.resolve6(host)]
      if (signal.aborted) cancel()
      const answers = await Promise.allSettled(asked)
      const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
      if (addresses.length > 0) return addresses
      throw (answers[0] as PromiseRejectedResult).reason
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }
}
