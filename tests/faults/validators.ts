/** Validators of a test's own: beside the one of a gateway, started in another way, or without an NGINX. */
import { writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { POLICY, root, SECRET_KEY } from '../support/gateway.ts'
import type { Issuer } from '../support/issuer.ts'
import { freePort, type Program, start, until } from '../support/process.ts'

export interface Validator {
  program: Program
  port: number
  /** What `/ready` says. */
  ready(): Promise<number | null>
  /** Asks as NGINX does in the first step; gives the status, null when there is no answer. */
  ask(authorization: string): Promise<number | null>
}

/**
 * Starts one and waits until it listens.
 * @param folder for its policy
 * @param wrapper a program that starts it: `prlimit`, `faketime`
 */
export async function startValidator(
  issuer: Issuer,
  folder: string,
  env: Record<string, string> = {},
  wrapper: readonly string[] = [],
): Promise<Validator> {
  const port = await freePort()
  const scopes = join(folder, `scopes-${port}.yml`)
  writeFileSync(scopes, POLICY)
  const all = {
    COGNITO_USER_POOL_ID: issuer.poolId,
    COGNITO_ISSUER: issuer.issuer,
    ALLOWED_CLIENT_IDS: 'agent,web',
    SECRET_KEY,
    REGISTRY_URL: 'http://localhost:8000',
    SCOPES_FILE: scopes,
    VALIDATOR_LISTEN: `127.0.0.1:${port}`,
    DECISION_CACHE_SECONDS: '0',
    ...env,
  }
  const listen = Number(all.VALIDATOR_LISTEN.split(':')[1])
  const [command = process.execPath, ...args] = [...wrapper, process.execPath, '--', join(root, 'bin/gatehouse'), 'serve']
  const program = start(command, args, all)
  await program.printed('"msg":"listening"', 30_000)
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  const get = (path: string, headers: Record<string, string> = {}): Promise<number | null> =>
    new Promise((done) => {
      const outgoing = request({ agent, host: '127.0.0.1', port: listen, path, headers, timeout: 3000 }, (answer) => {
        answer.resume().on('end', () => done(answer.statusCode ?? null))
      })
      outgoing.on('timeout', () => outgoing.destroy())
      outgoing.on('error', () => done(null))
      outgoing.end()
    })
  return {
    program,
    port: listen,
    ready: () => get('/ready'),
    ask: (authorization) => get('/validate', { authorization, 'x-mcp-server': 'currenttime', 'x-mcp-http-method': 'POST' }),
  }
}

export const becomesReady = ({ ready, port }: Validator, timeout = 20_000): Promise<void> =>
  until(`the validator on port ${port} is ready`, async () => (await ready()) === 200, timeout)
