/** A user pool's issuer as the validator sees it: keys made for this run, published on a port of its own, tokens signed at will. */
import { createPublicKey } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CryptoKey, importPKCS8, type JWK, SignJWT } from 'jose'
import { rsaKey } from './rsa_keys.ts'

export interface SigningKey {
  kid: string
  privateKey: CryptoKey
  jwk: JWK
}

export interface Issuer {
  poolId: string
  issuer: string
  jwksUrl: string
  /** The key that `token` signs with. */
  key: SigningKey
  /** What the key document answers; replace it to break the endpoint. */
  answer: (response: ServerResponse) => void
  /** How often the key document was asked for. */
  fetches: number
  publish(keys: readonly JWK[]): void
  /** An access token like Cognito's for the agent `agent`; undefined in `claims` leaves a claim out. */
  token(claims?: Record<string, unknown>, header?: Record<string, unknown>, key?: SigningKey): Promise<string>
  close(): Promise<void>
}

export const now = (): number => Math.floor(Date.now() / 1000)

export async function makeKey(kid: string): Promise<SigningKey> {
  const key = rsaKey()
  const privateKey = await importPKCS8(key.export({ type: 'pkcs8', format: 'pem' }) as string, 'RS256', { extractable: true })
  return { kid, privateKey, jwk: { ...createPublicKey(key).export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' } as JWK }
}

/** Starts an issuer on a free port of the loopback. */
export async function startIssuer(poolId = 'us-east-1_TestPool1'): Promise<Issuer> {
  const key = await makeKey('A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0U1v=')
  const server = createServer((_request, response) => {
    self.fetches += 1
    self.answer(response)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`
  const issuer = `${origin}/${poolId}`
  const self: Issuer = {
    poolId,
    issuer,
    jwksUrl: `${issuer}/.well-known/jwks.json`,
    key,
    fetches: 0,
    answer: () => {},
    publish: (keys) => {
      self.answer = (response) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }))
    },
    token: (claims = {}, header = {}, signer = key) => {
      const payload = {
        sub: 'agent',
        token_use: 'access',
        scope: 'test/now',
        auth_time: now(),
        iss: issuer,
        exp: now() + 3600,
        iat: now(),
        version: 2,
        jti: '8f7e6d5c-0000-4000-8000-000000000000',
        client_id: 'agent',
        ...claims,
      }
      return new SignJWT(payload).setProtectedHeader({ kid: signer.kid, alg: 'RS256', ...header }).sign(signer.privateKey)
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
  self.publish([key.jwk])
  return self
}
