/**
 * Writes credentials, one a line, as a header has them.
 *
 *   node --import tsx bench/programs/credentials.ts token|cookie|forged COUNT SECRETS_FILE OUT_FILE
 */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { createCookieMaker, createSigner, forgedToken, type Secrets } from '../lab/identity.ts'

const [kind, count, secretsFile, out] = process.argv.slice(2) as [string, string, string, string]
const secrets = JSON.parse(readFileSync(secretsFile, 'utf8')) as Secrets
const signToken = createSigner(secrets)
const sealCookie = createCookieMaker(secrets)
const make: Record<string, () => string | Promise<string>> = {
  token: () => `Bearer ${signToken()}`,
  cookie: sealCookie,
  forged: () => `Bearer ${forgedToken()}`,
}

const file = openSync(out, 'w', 0o600)
for (let left = Number(count); left > 0; left -= 1) writeSync(file, `${await make[kind]?.()}\n`)
closeSync(file)
