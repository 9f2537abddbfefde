/** A stand-in for an Amazon Cognito user pool with its hosted UI: same addresses, tokens and refusals, on this machine only. */
import { isIPv4 } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { listen } from '../../listen.ts'
import { StartError } from '../../start_error.ts'
import { createApp } from './app.ts'
import { createKeyRing } from './keys.ts'
import type { CognitoOptions } from './pool.ts'
import { createService } from './service.ts'

export interface Cognito {
  /** The hosted UI's place, `http://localhost:PORT`: at Amazon the domain, and another host than the issuer's. */
  origin: string
  issuer: string
  jwksUrl: string
  close(): Promise<void>
  /** Signs with new keys from now on. The keys before stay published, the ones before those do not. */
  rotateKeys(): Promise<void>
}

/**
 * Starts the stand-in. Everything it knows is in memory and gone when it closes.
 * @throws StartError when the host is not a loopback address or the port cannot be opened
 */
export async function startCognito(options: CognitoOptions): Promise<Cognito> {
  const host = options.host ?? '127.0.0.1'
  if (!isLoopback(host)) {
    throw new StartError(
      `the Cognito stand-in listens on loopback addresses only (127.0.0.1, ::1, localhost), not on ${JSON.stringify(host)}`,
    )
  }
  const keys = await createKeyRing(options.keys)
  const { server, port, close } = await listen(host, options.port)
  const service = createService(options, `http://localhost:${port}`, keys, options.now ?? Date.now)
  server.on('request', getRequestListener(createApp(service).fetch))
  process.stderr.write(
    `*** STAND-IN FOR AMAZON COGNITO, FOR DEVELOPMENT ONLY: made-up users, no security, loopback only (${host}:${port}). NOT AMAZON COGNITO. ***\n`,
  )
  return {
    origin: service.origin,
    issuer: service.issuer,
    jwksUrl: `${service.issuer}/.well-known/jwks.json`,
    close,
    rotateKeys: () => keys.rotate(),
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}
