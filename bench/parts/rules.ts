/** Whether a question costs the same with ten rules and with a hundred thousand. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { EVERY_SCOPE } from '../../src/gate/challenge.ts'
import { decide, type Gate, type Question } from '../../src/gate/decide.ts'
import type { Policy } from '../../src/gate/policy.ts'
import { loadScopes } from '../../src/scopes/load.ts'
import { isServer } from '../../src/scopes/schema.ts'
import { type Figure, figureOf, type Sample } from '../figure.ts'
import { CLIENT, GROUP } from '../lab/identity.ts'
import type { Lab } from '../lab/lab.ts'
import { policyOfSize } from '../lab/policy.ts'
import { startValidator } from '../lab/validator.ts'
import type { Target } from '../measure.ts'
import { residentKilobytes } from '../proc.ts'
import { measureSideBySide, SIDE_BY_SIDE } from '../side_by_side.ts'
import type { PartPlan } from './part.ts'
import { question } from './questions.ts'

const SIZES = [10, 100, 1000, 10_000, 100_000] as const
/** Decisions of one size in one turn, and turns a round. */
const DECISIONS = 1000
const TURNS = 100

export const rules: PartPlan = {
  name: 'rules',
  title: 'Growth: rules',
  points: SIZES.flatMap((size) => [`decide-${size}`, `rules-${size}`]),
  notes: [
    `\`decide-…\`: the decision alone, in one process, ${DECISIONS * TURNS} a round, half of them who-questions and half questions for a ` +
      `call; the caller is known already. The sizes take turns, ${DECISIONS} decisions each, so that what the machine does slower for a while, ` +
      'it does slower for all of them. `rules-…`: the whole validator over HTTP, one token, no NGINX, so that nobody remembers a decision.',
    `\`rules-…\` ${SIDE_BY_SIDE}`,
    'The caller has the same rights in every size; the other rules are of other scopes, every tenth on the same server.',
  ],
  async measure(lab, wanted) {
    const inProcess = SIZES.filter((size) => wanted(`decide-${size}`))
    const overHttp = SIZES.filter((size) => wanted(`rules-${size}`))
    const decided = inProcess.length > 0 ? await decisions(lab, inProcess) : []
    const targets: Target[] = []
    for (const size of overHttp) targets.push(await validatorOf(lab, size))
    return { figures: [...decided, ...(await measureSideBySide(lab, targets))] }
  },
}

async function validatorOf(lab: Lab, size: number): Promise<Target> {
  const folder = join(lab.folder, `rules-${size}`)
  mkdirSync(folder)
  const { secretKey } = lab.secrets
  const options = { folder, policy: policyOfSize(size), secretKey, jwksUrl: lab.jwksUrl, env: { DECISION_CACHE_SECONDS: '0' } }
  const { port, pid, readyAfter, stop } = await startValidator(options, lab.cores.measured)
  lab.finally(stop)
  return question(lab, port, {
    name: `rules-${size}`,
    title: `validator with ${size} rules`,
    processes: { node: pid },
    after: () => ({ 'start to ready, ms': readyAfter, 'resident, MB': residentKilobytes(pid) / 1024 }),
  })
}

async function decisions(lab: Lab, sizes: readonly number[]): Promise<Figure[]> {
  const gates = sizes.map((size) => ({ size, gate: gateOf(size), samples: [] as Sample[] }))
  await turns(gates)
  for (let round = 1; round <= lab.options.rounds; round += 1) {
    for (const [index, sample] of (await turns(gates)).entries()) gates[index]?.samples.push(sample)
    const line = gates.map(({ size, samples }) => `decide-${size} ${(1e6 / (samples.at(-1)?.perSecond ?? Number.NaN)).toFixed(2)} µs`)
    lab.say(`  ${round}/${lab.options.rounds} ${line.join(', ')}`)
  }
  return gates.map(({ size, samples }) => figureOf(`decide-${size}`, `decision with ${size} rules`, samples))
}

/** One round. */
async function turns(gates: readonly { gate: Gate }[]): Promise<Sample[]> {
  const spent = gates.map(() => ({ seconds: 0, cpu: 0, allowed: 0 }))
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const [index, { gate }] of gates.entries()) {
      const one = await decideOften(gate)
      const all = spent[index] as (typeof spent)[0]
      all.seconds += one.seconds
      all.cpu += one.cpu
      all.allowed += one.allowed
    }
  }
  const count = DECISIONS * TURNS
  return spent.map(({ seconds, cpu, allowed }) => {
    const problems = allowed === count ? [] : [`${allowed} of ${count} decisions allowed the call`]
    return { perSecond: count / seconds, p50: null, p99: null, cpu: { node: cpu / count }, problems }
  })
}

function gateOf(size: number): Gate {
  const loaded = loadScopes(policyOfSize(size))
  if ('problems' in loaded) throw new Error(`the policy of ${size} rules: ${loaded.problems.join('; ')}`)
  return gateWith(loaded.policy)
}

/** The caller is known: what is measured is what the rules cost. */
function gateWith(policy: Policy): Gate {
  const value = {
    clientId: CLIENT,
    username: 'rosa',
    groups: [GROUP],
    scopes: ['openid'],
    audience: null,
    expiresAt: Date.now() / 1000 + 3600,
  }
  return {
    policy,
    verifyToken: () => Promise.resolve({ ok: true, value }),
    openSession: () => Promise.resolve({ ok: false, reason: 'session_malformed' }),
    isServer,
    now: () => Date.now() / 1000,
    cookieName: 'mcp_gateway_session',
    gateway: 'http://localhost:8000',
    allowedOrigins: new Set(),
    challengeScopes: EVERY_SCOPE,
    decisionCacheSeconds: 0,
  }
}

const WHO: Question = {
  authorization: 'Bearer a.b.c',
  cookie: undefined,
  origin: undefined,
  server: 'currenttime',
  httpMethod: 'POST',
  call: undefined,
}
const CALL: Question = { ...WHO, call: Buffer.from(JSON.stringify({ method: 'tools/call', name: 'now' })).toString('base64url') }

/** One turn of one size; the processor time is in microseconds. */
async function decideOften(gate: Gate): Promise<{ seconds: number; cpu: number; allowed: number }> {
  const cpuBefore = process.cpuUsage()
  const started = performance.now()
  let allowed = 0
  for (let count = 0; count < DECISIONS; count += 1) if ((await decide(count % 2 === 0 ? WHO : CALL, gate)).kind === 'allow') allowed += 1
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  return { seconds, cpu: user + system, allowed }
}
