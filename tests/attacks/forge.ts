/** Makes JWTs that no library would make: any text for a header, any key, any padding below the signature. */
import { constants, createHash, createHmac, createPrivateKey, createPublicKey, type KeyObject, privateEncrypt, sign } from 'node:crypto'
import { exportJWK } from 'jose'
import { now } from '../support/issuer.ts'
import { rsaKey } from '../support/rsa_keys.ts'
import type { World } from './world.ts'

export type Signer = (input: Buffer) => Buffer

export const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

/** A token of these parts; the header and the payload may be texts that are no proper JSON. */
export function forge(header: unknown, payload: unknown, signer: Signer): string {
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${signer(Buffer.from(input)).toString('base64url')}`
}

/** The claims of a good token. */
export const claims = ({ gateway }: World, changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  sub: 'agent',
  token_use: 'access',
  scope: 'test/now',
  auth_time: now(),
  iss: gateway.issuer.issuer,
  exp: now() + 3600,
  iat: now(),
  version: 2,
  jti: '8f7e6d5c-0000-4000-8000-000000000000',
  client_id: 'agent',
  ...changes,
})

export const header = ({ gateway }: World, changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  kid: gateway.issuer.key.kid,
  alg: 'RS256',
  ...changes,
})

/** The private key of the pool itself. */
export async function poolKey({ gateway }: World): Promise<KeyObject> {
  return createPrivateKey({ key: (await exportJWK(gateway.issuer.key.privateKey)) as never, format: 'jwk' })
}

/** The public key of the pool in a form that a careless verifier takes for an HMAC secret. */
export function publicText({ gateway }: World, form: 'pem' | 'der' | 'jwk' | 'n'): Buffer {
  const { jwk } = gateway.issuer.key
  if (form === 'jwk') return Buffer.from(JSON.stringify(jwk))
  if (form === 'n') return Buffer.from(jwk.n as string, 'base64url')
  const key = createPublicKey({ key: jwk as never, format: 'jwk' })
  return Buffer.from(key.export({ type: 'spki', format: form } as never))
}

export const hmac =
  (secret: Buffer, hash = 'sha256'): Signer =>
  (input) =>
    createHmac(hash, secret).update(input).digest()

export const rsa =
  (key: KeyObject, hash = 'sha256'): Signer =>
  (input) =>
    sign(hash, input, key)

export const pss =
  (key: KeyObject): Signer =>
  (input) =>
    sign('sha256', input, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 })

export const strangersKey = (): KeyObject => {
  stranger ??= rsaKey()
  return stranger
}
let stranger: KeyObject | undefined

const DIGEST_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex')
const DIGEST_INFO_WITHOUT_NULL = Buffer.from('302f300b0609608648016503040201 0420'.replace(' ', ''), 'hex')
const DIGEST_INFO_SHA1 = Buffer.from('3021300906052b0e03021a05000414', 'hex')

/** Signature blocks of 256 bytes that RFC 8017 section 9.2 does not allow, each close to the one that it does. */
export const BAD_PADDINGS: Readonly<Record<string, (hash: Buffer) => Buffer>> = {
  'block type 2': (hash) => block([0, 2], 0xff, [DIGEST_INFO, hash]),
  'padding of zeros': (hash) => block([0, 1], 0, [DIGEST_INFO, hash]),
  'one byte of the padding changed': (hash) => {
    const bytes = block([0, 1], 0xff, [DIGEST_INFO, hash])
    bytes[40] = 0xfe
    return bytes
  },
  'no digest info': (hash) => block([0, 1], 0xff, [hash]),
  'digest info without NULL': (hash) => block([0, 1], 0xff, [DIGEST_INFO_WITHOUT_NULL, hash]),
  'digest info of SHA-1': (hash) => block([0, 1], 0xff, [DIGEST_INFO_SHA1, hash.subarray(0, 20)]),
  'rubbish behind the hash': (hash) => {
    const bytes = Buffer.alloc(256, 0x55)
    Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(8, 0xff), Buffer.from([0]), DIGEST_INFO, hash]).copy(bytes)
    return bytes
  },
  'the hash in reverse': (hash) => block([0, 1], 0xff, [DIGEST_INFO, Buffer.from(hash).reverse()]),
}

/** Families of such blocks: each byte of what stands before the hash changed, padding of every length with rubbish behind it, holes in the padding. */
export const paddingFamilies = (hash: Buffer): Buffer[] => {
  const right = block([0, 1], 0xff, [DIGEST_INFO, hash])
  const infoAt = right.length - hash.length - DIGEST_INFO.length
  const altered = (at: number, byte: number): Buffer => {
    const bytes = Buffer.from(right)
    bytes[at] = byte
    return bytes
  }
  const rubbish = Array.from({ length: 26 }, (_, n) => 8 * n + 1).map((length) => {
    const bytes = Buffer.alloc(256, 0x5a)
    block([0, 1], 0xff, [DIGEST_INFO, hash]).copy(bytes, 2, 2 + length)
    return Buffer.concat([Buffer.from([0, 1]), bytes.subarray(2)])
  })
  return [
    ...Array.from(DIGEST_INFO, (byte, index) => altered(infoAt + index, byte ^ 0x80)),
    ...Array.from(DIGEST_INFO, (byte, index) => altered(infoAt + index, byte + 1)),
    ...[0, 1].flatMap((at) => [2, 3, 0x10, 0x40].map((byte) => altered(at, byte))),
    ...[1, 0x7f, 0xff].map((byte) => altered(infoAt - 1, byte)),
    ...Array.from({ length: 50 }, (_, n) => altered(2 + 4 * n, n % 2 === 0 ? 0 : 0xfe)),
    ...rubbish,
    ...[0, 1, 16, 31].map((length) => block([0, 1], 0xff, [DIGEST_INFO, hash.subarray(0, length)])),
    ...[1, 2, 32].map((length) => block([0, 1], 0xff, [DIGEST_INFO, hash, Buffer.alloc(length)])),
  ]
}

function block(start: readonly number[], fill: number, end: readonly Buffer[]): Buffer {
  const tail = Buffer.concat([Buffer.from([0]), ...end])
  return Buffer.concat([Buffer.from(start), Buffer.alloc(256 - start.length - tail.length, fill), tail])
}

/** Signs with the raw private operation over a block of one's own. */
export const padded =
  (key: KeyObject, make: (hash: Buffer) => Buffer): Signer =>
  (input) =>
    privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, make(createHash('sha256').update(input).digest()))
