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
/** Decisions a round. */
const DECISIONS = 100_000

export const rules: PartPlan = {
  name: 'rules',
  title: 'Growth: rules',
  points: SIZES.flatMap((size) => [`decide-${size}`, `rules-${size}`]),
  notes: [
    `\`decide-…\`: the decision alone, in one process, ${DECISIONS} a round, half of them who-questions and half questions for a call; the ` +
      'caller is known already. `rules-…`: the whole validator over HTTP, one token, no NGINX, so that nobody remembers a decision.',
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
  for (const { gate } of gates) await decideOften(gate)
  for (let round = 1; round <= lab.options.rounds; round += 1) {
    for (const { size, gate, samples } of gates) {
      const sample = await decideOften(gate)
      samples.push(sample)
      lab.say(`  ${round}/${lab.options.rounds} ${`decide-${size}`.padEnd(22)} ${(1e6 / sample.perSecond).toFixed(2)} µs`)
    }
  }
  return gates.map(({ size, samples }) => figureOf(`decide-${size}`, `decision with ${size} rules`, samples))
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

async function decideOften(gate: Gate): Promise<Sample> {
  const who: Question = {
    authorization: 'Bearer a.b.c',
    cookie: undefined,
    origin: undefined,
    server: 'currenttime',
    httpMethod: 'POST',
    call: undefined,
  }
  const call = Buffer.from(JSON.stringify({ method: 'tools/call', name: 'now' })).toString('base64url')
  const questions = [who, { ...who, call }]
  const cpuBefore = process.cpuUsage()
  const started = performance.now()
  let allowed = 0
  for (let count = 0; count < DECISIONS; count += 1)
    if ((await decide(questions[count % 2] as Question, gate)).kind === 'allow') allowed += 1
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpuBefore)
  const problems = allowed === DECISIONS ? [] : [`${allowed} of ${DECISIONS} decisions allowed the call`]
  return { perSecond: DECISIONS / seconds, p50: null, p99: null, cpu: { node: (user + system) / DECISIONS }, problems }
}
