/** The login of those who have SECRET_KEY: straight at Cognito, and the session is sealed here. */
import { createPoolLogin } from '../cognito/pool_login.ts'
import { createSealer } from '../session/seal.ts'
import { sealSession } from '../session/session.ts'
import { CommandError } from './exit.ts'
import type { Attempt } from './login_attempt.ts'
import { loginError } from './login_error.ts'
import { listenLoopback } from './loopback.ts'
import { fetchPoolKeys } from './pool_keys.ts'
import type { DirectSettings } from './settings.ts'

/** Registered for the app client in Cognito, which compares it to the letter. */
const PORT = 8080

const now = (): number => Date.now() / 1000

/** Listens for Cognito's answer and gives the address of the sign-in page. */
export async function beginDirectLogin(settings: DirectSettings, port: number = PORT): Promise<Attempt> {
  const { client, pool, secretKeys, sessionSeconds, gateway, cookieName } = settings
  const { keys, fetched } = fetchPoolKeys(pool)
  const login = createPoolLogin(client, pool, keys, now)
  const { url, begun } = await login.begin(`http://localhost:${port}/callback`)
  const loopback = await listenLoopback({ host: 'localhost', port, state: begun.state }).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error
    const advice = 'Cognito must then know http://localhost:PORT/callback as a callback URL of the app client.'
    throw new CommandError(error.exitCode, `${error.message} ${advice}`)
  })
  return {
    url,
    loopback,
    hint: `If Cognito shows an error page, http://localhost:${port}/callback may not be a callback URL of the app client.`,
    complete: async (answer) => {
      await fetched
      const result = await login.finish(answer, begun)
      if (!result.ok) throw loginError(result.failure.reason, result.failure.said, result.failure.detail)
      const sealed = await sealSession(createSealer(secretKeys), result.user, now(), sessionSeconds)
      if (sealed === null) throw loginError('session_too_large')
      const { username, groups, expiresAt } = sealed.session
      return { gateway, name: cookieName, value: sealed.seal, username, groups, expiresAt: Math.floor(expiresAt) }
    },
  }
}
