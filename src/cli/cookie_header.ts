/** The saved session on its way to the gateway. */
import { hostOf, type SavedCookie } from './cookie_file.ts'
import { CommandError, EXIT } from './exit.ts'
import type { GatewaySettings } from './settings.ts'
import { clean } from './words.ts'

/**
 * The `Cookie` header.
 * @throws {CommandError} when the session is of another host, which alone may see it
 */
export function cookieHeader({ name, host, value }: SavedCookie, { gateway, cookieName }: GatewaySettings): string {
  if (host !== null && host !== hostOf(gateway)) {
    throw new CommandError(
      EXIT.failed,
      `The saved session is for ${clean(host)}, and REGISTRY_URL is ${gateway}, so it was not sent. Run: gatehouse login`,
    )
  }
  if (name?.startsWith('__Host-') && !gateway.startsWith('https:')) {
    throw new CommandError(
      EXIT.failed,
      `The saved session may be sent over https only, and REGISTRY_URL is ${gateway}, so it was not sent.`,
    )
  }
  return `${name ?? cookieName}=${value}`
}
