/** Whether a call costs the same with one caller and with very many, and what remembering them takes. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Credentials, makeCredentials } from '../lab/credentials.ts'
import { type Gate, startGate } from '../lab/gate.ts'
import type { Lab } from '../lab/lab.ts'
import { policyFor } from '../lab/policy.ts'
import { measureAll, send, type Target } from '../measure.ts'
import { memoryKilobytes, residentKilobytes } from '../proc.ts'
import { throughGate } from './calls.ts'
import type { PartPlan } from './part.ts'

const COUNTS = [1, 100, 10_000, 100_000, 1_000_000] as const
/** Tokens that nobody has signed: anybody can make as many as they like. */
const FORGED = 'tokens-forged'
const FORGED_COUNT = 160_000
/** So many are met while everything warms up. */
const FEW = 1000
/** Tokens that are sent in one go before the rounds. */
const CHUNK = 20_000

export const tokens: PartPlan = {
  name: 'tokens',
  title: 'Growth: tokens',
  points: [...COUNTS.map((count) => `tokens-${count}`), FORGED],
  notes: [
    'So many distinct signed tokens, all of which the gate has met before the first round, sent in turn. Each point has a gate of its own, so ' +
      'that its memory is its own. With very many a token comes back later than its decision is remembered, and the validator is asked again; ' +
      'when it comes back after more others than the validator remembers, 9,000 of this length, it is verified again. Taking turns is the worst case.',
    'Signing a token takes a good part of a millisecond: points with more tokens than `--tokens` are left out. Forged: every token is another ' +
      'one that nobody has signed, and is answered with 401; the memory is that of a gate under such a flood.',
  ],
  async measure(lab, wanted) {
    const counts = COUNTS.filter((count) => wanted(`tokens-${count}`))
    const targets: Target[] = []
    for (const count of counts.filter((one) => one <= lab.options.tokens)) targets.push(await withTokens(lab, count))
    if (wanted(FORGED)) targets.push(await flooded(lab))
    const left = counts.filter((count) => count > lab.options.tokens)
    const notes = left.map((count) => `Left out: ${count} tokens, because --tokens is ${lab.options.tokens}.`)
    return { figures: await measureAll(lab, targets), notes }
  },
}

const gateFor = (lab: Lab, name: string): Promise<Gate> => startGate(lab, { name, policy: policyFor(['currenttime']) })

const memoryOf = (gate: Gate) => (): Record<string, number> => ({
  'nginx worker, MB': memoryKilobytes(gate.worker) / 1024,
  'validator resident, MB': residentKilobytes(gate.validator.pid) / 1024,
  'remembered decisions, MB': megabytesOf(gate.decisions),
})

/** Of files; of a dictionary, which has none, 0. */
function megabytesOf(folder: string): number {
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []
  // One may go while others are counted.
  const bytes = files.map((file) => statSync(join(folder, file), { throwIfNoEntry: false })).map((stat) => (stat?.isFile() ? stat.size : 0))
  return bytes.reduce((sum, size) => sum + size, 0) / 2 ** 20
}

async function withTokens(lab: Lab, count: number): Promise<Target> {
  const name = `tokens-${count}`
  const [gate, all] = [await gateFor(lab, name), await lab.tokens()]
  const target = throughGate(
    gate,
    {},
    {
      name,
      title: `${count} token${count === 1 ? '' : 's'}`,
      credentials: () => ({ ...all, first: 1, last: count, again: true }),
      after: memoryOf(gate),
    },
  )
  return { ...target, prepare: () => meetAll(lab, target, all, count) }
}

/** Sends each of the tokens at least once. */
async function meetAll(lab: Lab, target: Target, all: Credentials, count: number): Promise<void> {
  if (count <= FEW) return
  for (let first = 1; first <= count; first += CHUNK) {
    const last = Math.min(count, first + CHUNK - 1)
    for (let sent = 0; sent < last - first + 1; ) {
      const { requests } = await send(lab, target, 4, { ...all, first: first + sent, last, again: true })
      if (requests === 0) throw new Error(`${target.name}: the gate does not answer`)
      sent += requests
    }
  }
}

async function flooded(lab: Lab): Promise<Target> {
  const [gate, all] = [await gateFor(lab, FORGED), await makeCredentials('forged', FORGED_COUNT, lab.folder)]
  const share = Math.floor(FORGED_COUNT / (lab.options.rounds + 1))
  return throughGate(
    gate,
    {},
    {
      name: FORGED,
      title: 'every token another forged one',
      expect: { status: 401 },
      reachesBackend: false,
      seconds: Math.max(1, Math.floor(share / 13_000)),
      credentials: (round) => ({ ...all, first: round * share + 1, last: (round + 1) * share, again: false }),
      after: memoryOf(gate),
    },
  )
}
