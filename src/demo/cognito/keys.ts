/** The signing keys of the pool and the document that publishes them. */
import { createHash, randomBytes } from 'node:crypto'
import { createLocalJWKSet, importJWK, type JWK, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import { newRsaKey } from '../new_key.ts'

type Use = 'id' | 'access'

/** Amazon's member order, and no member more. */
interface PublicKey {
  alg: 'RS256'
  e: string
  kid: string
  kty: 'RSA'
  n: string
  use: 'sig'
}

interface Signer {
  sign(claims: JWTPayload): Promise<string>
  published: PublicKey
}

export interface KeyRing {
  sign(use: Use, claims: JWTPayload): Promise<string>
  /** The claims of a token that this ring signed and that has not expired. Throws jose's errors otherwise. */
  verify(token: string, at: Date): Promise<JWTPayload>
  jwks(): { keys: PublicKey[] }
  /** New keys for what is signed from now on. The pair before them stays published, the pair before that is dropped. */
  rotate(): Promise<void>
}

/**
 * ID and access tokens are signed with different keys of one set, as Amazon does it
 * (developer guide, "Understanding the access token": the kid of one never equals that of the other).
 * @param given private keys to start with; without them a new pair is made
 */
export async function createKeyRing(given?: Record<Use, JWK>): Promise<KeyRing> {
  let current = given ? { id: await signerOf(given.id), access: await signerOf(given.access) } : await createPair()
  let previous: PublicKey[] = []
  const jwks = () => ({ keys: [current.id.published, current.access.published, ...previous] })
  return {
    jwks,
    sign: (use, claims) => current[use].sign(claims),
    async verify(token, at) {
      const { payload } = await jwtVerify(token, createLocalJWKSet(jwks()), { currentDate: at, algorithms: ['RS256'] })
      return payload
    },
    async rotate() {
      const next = await createPair()
      previous = [current.id.published, current.access.published]
      current = next
    },
  }
}

async function createPair(): Promise<Record<Use, Signer>> {
  return { id: await signerOf(createPrivateKey()), access: await signerOf(createPrivateKey()) }
}

function createPrivateKey(): JWK {
  // Standard base64 of 32 bytes, with "/", "+" and "=": Amazon's form, and one that breaks code which expects base64url.
  return { ...(newRsaKey().export({ format: 'jwk' }) as JWK), kid: createHash('sha256').update(randomBytes(32)).digest('base64') }
}

async function signerOf(key: JWK): Promise<Signer> {
  const { kid, n, e } = key
  if (key.kty !== 'RSA' || !kid || !n || !e || !key.d) throw new TypeError('"keys" must be private RSA keys with a kid')
  const secret = await importJWK(key, 'RS256')
  return {
    published: { alg: 'RS256', e, kid, kty: 'RSA', n, use: 'sig' },
    // kid and alg only: Amazon sends no typ.
    sign: (claims) => new SignJWT(claims).setProtectedHeader({ kid, alg: 'RS256' }).sign(secret),
  }
}
