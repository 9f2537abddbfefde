/** Verifying tokens that nobody has seen before, beside the one step of it that cannot be left out. */
import { type KeyObject, verify } from 'node:crypto'
import { createKeyStore } from '../../src/cognito/keys.ts'
import { createTokenVerifier } from '../../src/cognito/verifier.ts'
import { figureOf, type Sample } from '../figure.ts'
import { CLIENT, createSigner, ISSUER, jwkOf, publicKeyOf } from '../lab/identity.ts'
import type { Lab } from '../lab/lab.ts'
import type { PartPlan } from './part.ts'

/** So many are signed; each is verified once by either in every round. */
const TOKENS = 5000

export const verification: PartPlan = {
  name: 'verify',
  title: 'Token verification alone',
  points: ['crypto-verify', 'token-verify'],
  notes: [
    `In one process, ${TOKENS} distinct tokens a round, one after the other. \`crypto.verify\` gets signature, key and signed bytes ready made; ` +
      "the validator's verifier gets the token and gives the checked claims, and is a new one in every round.",
  ],
  async measure(lab, wanted) {
    const sign = createSigner(lab.secrets)
    const tokens = Array.from({ length: TOKENS }, sign)
    const ways: [string, string, () => Promise<Sample>][] = [
      ['crypto-verify', 'crypto.verify alone', () => timed(tokens.length, alone(publicKeyOf(lab.secrets), tokens))],
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

function alone(key: KeyObject, tokens: readonly string[]): () => number {
  const parts = tokens.map((token) => {
    const at = token.lastIndexOf('.')
    return { signed: Buffer.from(token.slice(0, at)), signature: Buffer.from(token.slice(at + 1), 'base64url') }
  })
  return () => parts.filter(({ signed, signature }) => verify('RSA-SHA256', signed, key, signature)).length
}

type Verifier = ReturnType<typeof createTokenVerifier>

/** The validator's own, with the keys at hand. */
async function createVerifier(lab: Lab): Promise<Verifier> {
  const document = JSON.stringify({ keys: [jwkOf(lab.secrets)] })
  const answer = (): Promise<Response> => Promise.resolve(new Response(document, { headers: { 'content-type': 'application/json' } }))
  const keys = createKeyStore({ urls: [lab.jwksUrl], fetch: answer, now: () => performance.now() })
  const verifier = createTokenVerifier({ keysOf: new Map([[ISSUER, keys]]), clientIds: new Set([CLIENT]), now: () => Date.now() / 1000 })
  await verifier(createSigner(lab.secrets)())
  return verifier
}

const verifying = (verifier: Verifier, tokens: readonly string[]) => async (): Promise<number> => {
  let accepted = 0
  for (const token of tokens) if ((await verifier(token)).ok) accepted += 1
  return accepted
}
