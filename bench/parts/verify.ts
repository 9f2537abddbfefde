/** Verifying tokens that nobody has seen before, beside the one step of it that cannot be left out. */

import { type KeyObject, verify, webcrypto } from 'node:crypto'
import { jwtVerify } from 'jose'
import { createKeyStore } from '../../src/cognito/keys.ts'
import { createTokenVerifier } from '../../src/cognito/verifier.ts'
import type { GetDocument } from '../../src/document.ts'
import { figureOf, type Sample } from '../figure.ts'
import { CLIENT, createSigner, ISSUER, jwkOf, publicKeyOf } from '../lab/identity.ts'
import type { Lab } from '../lab/lab.ts'
import type { PartPlan } from './part.ts'

/** So many are signed; each is verified once in every way in every round. */
const TOKENS = 5000
/** As a validator has many questions at once: signatures are verified beside its own thread, and handing over one alone is mostly waiting. */
const AT_ONCE = 32

export const verification: PartPlan = {
  name: 'verify',
  title: 'Token verification alone',
  points: ['crypto-verify', 'subtle-verify', 'jose-verify', 'token-verify'],
  notes: [
    `In one process, ${TOKENS} distinct tokens a round. \`crypto.verify\` gets signature, key and signed bytes ready made, and does one after ` +
      `the other. \`subtle.verify\` is the same by WebCrypto, which is what jose uses; it and the rows below have ${AT_ONCE} under way at once. ` +
      "The validator's verifier gets the token and gives the checked claims, and is a new one in every round.",
  ],
  async measure(lab, wanted) {
    const sign = createSigner(lab.secrets)
    const tokens = Array.from({ length: TOKENS }, sign)
    const ways: [string, string, () => Promise<Sample>][] = [
      ['crypto-verify', 'crypto.verify alone', () => timed(tokens.length, alone(publicKeyOf(lab.secrets), tokens))],
      ['subtle-verify', 'crypto.subtle.verify alone', async () => timed(tokens.length, await bySubtle(lab, tokens))],
      ['jose-verify', 'jwtVerify of jose alone', async () => timed(tokens.length, await byJose(lab, tokens))],
      ['token-verify', "the validator's verifier", async () => timed(tokens.length, verifying(await createVerifier(lab), tokens))],
    ]
    const chosen = ways.filter(([name]) => wanted(name))
    const samples = new Map<string, Sample[]>(chosen.map(([name]) => [name, []]))
    for (const [, , once] of chosen) await once()
    for (let round = 0; round < lab.options.rounds; round += 1) {
      for (const [name, , once] of chosen) {
        const sample = await once()
        samples.get(name)?.push(sample)
        lab.say(`  ${round + 1}/${lab.options.rounds} ${name.padEnd(22)} ${Math.round(sample.perSecond)}/s`)
      }
    }
    return { figures: chosen.map(([name, title]) => figureOf(name, title, samples.get(name) ?? [])) }
  },
}

/** @param work gives how many were accepted */
async function timed(count: number, work: () => Promise<number> | number): Promise<Sample> {
  const cpuBefore = process.cpuUsage()
  const started = performance.now()
  const accepted = await work()
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  const problems = accepted === count ? [] : [`${accepted} of ${count} tokens were accepted`]
  return { perSecond: count / seconds, p50: null, p99: null, cpu: { node: (user + system) / count }, problems }
}

interface Parts {
  signed: Buffer
  signature: Buffer
}

function partsOf(token: string): Parts {
  const at = token.lastIndexOf('.')
  return { signed: Buffer.from(token.slice(0, at)), signature: Buffer.from(token.slice(at + 1), 'base64url') }
}

function alone(key: KeyObject, tokens: readonly string[]): () => number {
  const parts = tokens.map(partsOf)
  return () => parts.filter(({ signed, signature }) => verify('RSA-SHA256', signed, key, signature)).length
}

/** @returns work that counts what holds, {@link AT_ONCE} at a time */
const counting =
  <T>(items: readonly T[], holds: (item: T) => Promise<boolean>) =>
  async (): Promise<number> => {
    let count = 0
    const queue = items.values()
    const workOff = async (): Promise<void> => {
      for (const item of queue) if (await holds(item)) count += 1
    }
    await Promise.all(Array.from({ length: AT_ONCE }, workOff))
    return count
  }

const ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const

const keyFor = (lab: Lab): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey('jwk', jwkOf(lab.secrets), ALGORITHM, false, ['verify'])

async function bySubtle(lab: Lab, tokens: readonly string[]): Promise<() => Promise<number>> {
  const key = await keyFor(lab)
  return counting(tokens.map(partsOf), ({ signed, signature }) => webcrypto.subtle.verify(ALGORITHM, key, signature, signed))
}

async function byJose(lab: Lab, tokens: readonly string[]): Promise<() => Promise<number>> {
  const key = await keyFor(lab)
  const options = { algorithms: ['RS256'], issuer: ISSUER }
  return counting(tokens, async (token) => (await jwtVerify(token, key, options)).payload.iss === ISSUER)
}

type Verifier = ReturnType<typeof createTokenVerifier>

/** The validator's own, with the keys at hand. */
async function createVerifier(lab: Lab): Promise<Verifier> {
  const body = Buffer.from(JSON.stringify({ keys: [jwkOf(lab.secrets)] }))
  const get: GetDocument = async () => ({ status: 200, type: 'application/json', body })
  const keys = createKeyStore({ urls: [lab.jwksUrl], get, now: () => performance.now() })
  const verifier = createTokenVerifier({ keysOf: new Map([[ISSUER, keys]]), clientIds: new Set([CLIENT]), now: () => Date.now() / 1000 })
  await verifier(createSigner(lab.secrets)())
  return verifier
}

const verifying = (verifier: Verifier, tokens: readonly string[]): (() => Promise<number>) =>
  counting(tokens, async (token) => (await verifier(token)).ok)
