/** Ending what a browser holds. */
import type { Context } from 'hono'
import { cookieValues } from '../gate/credentials.ts'
import { StoreUnavailable } from '../session/ended.ts'
import type { LoginService } from './service.ts'

/** Opening one costs a millisecond, and anybody may send a hundred. */
const MOST = 8

/**
 * Ends the sessions that the browser has sent: also of two, of which neither counts at the gate, because whoever planted the second one
 * must not keep the first one alive. Of more than a browser comes by, the first ones, and it is not said that all are over.
 * @throws {StoreUnavailable} also where there are more
 */
export async function endSessions(c: Context, { ended, openSession, cookieName }: LoginService): Promise<void> {
  const seals = cookieValues(c.req.header('cookie') ?? '', cookieName)
  for (const seal of seals.slice(0, MOST)) {
    const session = await openSession(seal)
    if (!session.ok && session.reason === 'session_store_unavailable') throw new StoreUnavailable('it cannot be known whether it is over')
    if (session.ok) await ended.note(session.value.id, session.value.expiresAt)
  }
  if (seals.length > MOST) throw new StoreUnavailable('there are more sessions than are looked at')
}
