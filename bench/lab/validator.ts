/** The built validator with its defaults, as a process of its own. */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { freePort } from '../../src/demo/ports.ts'
import { root } from '../root.ts'
import { CLIENT, ISSUER, POOL } from './identity.ts'
import { startProgram, until } from './program.ts'

export interface Validator {
  port: number
  pid: number
  /** Milliseconds from the start of the process until it says that it is ready. */
  readyAfter: number
  stop(): Promise<void>
}

export interface ValidatorOptions {
  /** Where its policy and its log lie. */
  folder: string
  policy: string
  secretKey: string
  jwksUrl: string
  env?: Record<string, string>
}

export async function startValidator(options: ValidatorOptions, pinned: readonly string[]): Promise<Validator> {
  const port = await freePort()
  const scopes = join(options.folder, 'scopes.yml')
  writeFileSync(scopes, options.policy)
  const env = {
    COGNITO_USER_POOL_ID: POOL,
    COGNITO_ISSUER: ISSUER,
    COGNITO_JWKS_URL: options.jwksUrl,
    ALLOWED_CLIENT_IDS: CLIENT,
    SECRET_KEY: options.secretKey,
    REGISTRY_URL: 'http://localhost:8000',
    SCOPES_FILE: scopes,
    VALIDATOR_LISTEN: `127.0.0.1:${port}`,
    // The executable takes the first `node` that it finds.
    PATH: `${dirname(process.execPath)}:${process.env.PATH ?? ''}`,
    ...options.env,
  }
  const started = performance.now()
  const program = startProgram(
    // As the executable that it is: how it starts says how much memory it may take.
    [...pinned, join(root, 'bin/gatehouse'), 'serve'],
    join(options.folder, 'validator.log'),
    env,
  )
  await until('the validator is ready', async () => (await fetch(`http://127.0.0.1:${port}/ready`)).status === 200, program)
  return { port, pid: program.pid, readyAfter: performance.now() - started, stop: program.stop }
}
