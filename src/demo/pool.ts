/** The stand-in with a user pool that it makes itself: what the compose stack without an account runs. */
import { resolve } from 'node:path'
import { runCognito } from './cognito/main.ts'
import { writeCredentials } from './credentials.ts'
import { USUAL_GATEWAY } from './ports.ts'
import { type Environment, portFrom } from './run.ts'

/** Where the stand-in listens, on the loopback that it shares with the validator. */
const PORT = 9000

/**
 * Writes settings files and the pool into a folder, then runs the stand-in until SIGTERM or SIGINT.
 * @param env `GATEHOUSE_DEMO_DIR` (default .demo), and `GATEWAY_PORT` (default 8000) on which clients reach the gateway
 */
export function runPool(env: Environment): Promise<void> {
  const gateway = portFrom(env, 'GATEWAY_PORT', USUAL_GATEWAY, 1)
  const cognito = portFrom(env, 'PORT', PORT)
  const pool = writeCredentials(resolve(env.GATEHOUSE_DEMO_DIR || '.demo'), {
    gateway,
    cognito,
    validator: 8888,
    currenttime: 8000,
    mcpgw: 8000,
  })
  return runCognito({ ...env, GATEHOUSE_DEMO_POOL: pool })
}
