/** Callers: one signing key, tokens like Cognito's, sessions like those of a login. */
import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, randomUUID, sign } from 'node:crypto'
import { newRsaKey } from '../../src/demo/new_key.ts'
import { createSealer } from '../../src/session/seal.ts'
import { sealSession } from '../../src/session/session.ts'

export const POOL = 'us-east-1_Bench0001'
/** Cognito's own form, which one of the peers makes from pool and region. */
export const ISSUER = `https://cognito-idp.us-east-1.amazonaws.com/${POOL}`
export const CLIENT = '4k2l9m1n8b7v6c5x3z0q1w2e3r'
export const GROUP = 'callers'
const KID = 'A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8S9t0U1v='
/** Seconds that tokens and sessions live: longer than any run. */
const LIFE = 6 * 3600

/** What the programs that sign need; it stays in a file of mode 0600. */
export interface Secrets {
  privateKey: string
  secretKey: string
}

export const makeSecrets = (): Secrets => ({
  privateKey: newRsaKey().export({ type: 'pkcs8', format: 'pem' }) as string,
  secretKey: randomBytes(24).toString('hex'),
})

export const publicKeyOf = ({ privateKey }: Secrets): KeyObject => createPublicKey(createPrivateKey(privateKey))

export const jwkOf = (secrets: Secrets): Record<string, unknown> => ({
  ...publicKeyOf(secrets).export({ format: 'jwk' }),
  kid: KID,
  alg: 'RS256',
  use: 'sig',
})

/** What Cognito writes into the access token of a user who has signed in by the browser; about 1.1 KB as a token. */
const claimsOf = (now: number): Record<string, unknown> => ({
  sub: '94882468-a0b1-70c2-d3e4-5f60718293a4',
  'cognito:groups': [GROUP],
  iss: ISSUER,
  version: 2,
  client_id: CLIENT,
  origin_jti: randomUUID(),
  event_id: randomUUID(),
  token_use: 'access',
  scope: 'aws.cognito.signin.user.admin openid profile email',
  auth_time: now,
  exp: now + LIFE,
  iat: now,
  jti: randomUUID(),
  username: '94882468-a0b1-70c2-d3e4-5f60718293a4',
})

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const HEADER = encode({ kid: KID, alg: 'RS256' })

/** Makes the function that signs tokens, each another one. */
export function createSigner({ privateKey }: Secrets): () => string {
  const key = createPrivateKey(privateKey)
  return () => {
    const body = `${HEADER}.${encode(claimsOf(Math.floor(Date.now() / 1000)))}`
    return `${body}.${sign('RSA-SHA256', Buffer.from(body), key).toString('base64url')}`
  }
}

/** A token that nobody has signed: well-formed, and worth nothing. */
export const forgedToken = (): string =>
  `${HEADER}.${encode(claimsOf(Math.floor(Date.now() / 1000)))}.${randomBytes(256).toString('base64url')}`

/** Makes the function that seals session cookies, each another one: `name=seal`. */
export function createCookieMaker({ secretKey }: Secrets): () => Promise<string> {
  const sealer = createSealer([secretKey])
  return async () => {
    const made = await sealSession(sealer, { username: 'rosa', clientId: CLIENT, groups: [GROUP] }, Date.now() / 1000, LIFE)
    return `mcp_gateway_session=${made?.seal}`
  }
}
