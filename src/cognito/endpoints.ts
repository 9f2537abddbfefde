/** The hosts of Cognito's OAuth endpoints, which are not those of the issuer. */

/**
 * The base URL of a pool's domain.
 * @param domain a prefix (`my-company`), a host (`auth.example.com`) or a URL; left out, the prefix that the Cognito console
 *   gives to new pools, the pool id in lower case without the underscore, which is a guess
 * @returns the URL without a final slash, or null when the domain is none of these
 */
export function domainUrl(domain: string | undefined, poolId: string, region: string): string | null {
  const text = domain ?? poolId.replace('_', '').toLowerCase()
  if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text)) return `https://${text}.auth.${region}.amazoncognito.com`
  const url = text.includes('://') ? text : `https://${text}`
  if (!URL.canParse(url)) return null
  const { protocol, hostname, origin, href } = new URL(url)
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  const allowed = protocol === 'https:' || (protocol === 'http:' && loopback)
  return allowed && isHostname(hostname) && href === `${origin}/` ? origin : null
}

/** URLs may hold more in their host than names and addresses have, among it what means something to a shell. */
export const isHostname = (text: string): boolean => /^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])$/.test(text)
