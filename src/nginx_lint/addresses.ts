/** Where things run, as far as a configuration says it in constants. */
import { type Directive, walk } from './config.ts'

/** The upstreams by name, each with the addresses of its members. */
export const upstreamsOf = (directives: readonly Directive[]): ReadonlyMap<string, readonly string[]> =>
  new Map(
    [...walk(directives)]
      .filter(([{ name, block }]) => name === 'upstream' && block !== null)
      .map(([{ args, block }]) => [args[0] ?? '', (block ?? []).filter(({ name }) => name === 'server').map((line) => line.args[0] ?? '')]),
  )

/** `host:port` or `unix:/path`; `localhost` is an address of the loopback. */
function plain(address: string, scheme: string): string {
  if (address.startsWith('unix:')) return address.replace(/:$/, '')
  const withPort = /:\d+$/.test(address) ? address : `${address}:${scheme === 'https' ? 443 : 80}`
  return withPort.replace(/^(?:localhost|\[::1\]):/, '127.0.0.1:').toLowerCase()
}

/**
 * The addresses behind the argument of `proxy_pass` and its like; empty when a variable decides.
 * @param upstreams see `upstreamsOf`
 */
export function addressesOf(target: string, upstreams: ReadonlyMap<string, readonly string[]>): string[] {
  const [, scheme = 'http', rest = ''] = /^(?:([a-z]+):\/\/)?(.*)$/i.exec(target) ?? []
  const host = rest.startsWith('unix:') ? rest : (rest.split('/')[0] ?? '')
  if (host === '' || host.includes('$')) return []
  return (upstreams.get(host) ?? [host]).map((address) => plain(address, scheme.toLowerCase()))
}
