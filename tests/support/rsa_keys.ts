/** RSA keys of 2048 bits. A run of all tests makes a few for all of its files, since making one takes longer than most tests. */
import { createPrivateKey, type KeyObject, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import type { JWK } from 'jose'
import { newRsaKey } from '../../src/demo/new_key.ts'

/** Environment variable that names the file with the keys of the run. */
export const KEYS_OF_RUN = 'GATEHOUSE_TEST_KEYS'
const COUNT = 6

const file = process.env[KEYS_OF_RUN]
/** Those that this process has not used yet. */
const ready: string[] = file === undefined ? [] : JSON.parse(readFileSync(file, 'utf8'))

/** A key that nobody else in this process has. */
export function rsaKey(): KeyObject {
  const pem = ready.shift()
  return pem === undefined ? newRsaKey() : createPrivateKey(pem)
}

/** Keys for a stand-in of the user pool. */
export function poolKeys(): { id: JWK; access: JWK } {
  const key = (): JWK => ({ ...(rsaKey().export({ format: 'jwk' }) as JWK), kid: randomBytes(32).toString('base64') })
  return { id: key(), access: key() }
}

/** Makes the keys of a run. */
export function writeKeys(path: string): void {
  const keys = Array.from({ length: COUNT }, () => newRsaKey().export({ type: 'pkcs8', format: 'pem' }))
  writeFileSync(path, JSON.stringify(keys), { mode: 0o600 })
}
