/** All checks in their order, each with what the ones before have found out. */
import type { Pool } from '../cognito/pool.ts'
import { scopesFileOf } from '../settings.ts'
import { checkUnused, examineAgentScopes } from './agent_scopes.ts'
import { checkAgreement } from './agreement.ts'
import { examineAgentClient, unasked } from './app_client.ts'
import type { World } from './ask.ts'
import { checkClock } from './clock.ts'
import { checkDomain } from './domain.ts'
import { checkFiles, checkProfile } from './environment.ts'
import { type Finding, skipped } from './finding.ts'
import { askGateways } from './gateways.ts'
import { tryLogins } from './logins.ts'
import { examineNginx } from './nginx.ts'
import { examinePolicy, serversOf } from './policy.ts'
import { examinePool } from './pool.ts'
import { profilesOf } from './profile.ts'
import { factsOf, keyOf, type Run, type Subject, tokenEndpointOf } from './run.ts'
import { scrub } from './scrub.ts'

/** A group of checks; `doing` says what takes the time. */
export interface Step {
  doing: string
  run(): Promise<Finding[]>
}

/** The steps, to be run one after the other: each leaves behind what later ones need. */
export function diagnosis(subject: Subject, world: World): Step[] {
  const profiles = profilesOf(subject.files, subject.environment)
  const run: Run = { world, subject, profiles, policy: null, pools: new Map(), away: new Set(), tokens: new Map(), gated: null }
  const step = (doing: string, work: (run: Run) => Promise<Finding[]>): Step => ({
    doing,
    run: async () => scrub(await work(run), secretsOf(run)),
  })
  return [
    step('reading the settings', readSettings),
    step('asking the user pool', askPools),
    step('asking the domain of the pool', askDomains),
    step('trying the login', tryLogins),
    step('getting the tokens of agents', getTokens),
    step('reading the configuration of NGINX', readNginxConfig),
    step('asking the gateway', askGateways),
  ]
}

/** What must be in no finding, wherever it comes from. */
const secretsOf = ({ profiles, tokens, subject }: Run): string[] => [
  ...profiles.flatMap(({ secretKeys, client, mcp }) => [...secretKeys, client?.secret ?? '', mcp?.client.secret ?? '']),
  ...tokens.values(),
  subject.session?.value ?? '',
]

async function readSettings(run: Run): Promise<Finding[]> {
  const { subject, profiles } = run
  const findings = [...checkFiles(subject.files, subject.environment), ...profiles.flatMap(checkProfile), ...checkAgreement(profiles)]
  const path = policyFileOf(run)
  if (path === null) return findings
  const examined = examinePolicy(path)
  run.policy = examined.policy
  return [...findings, ...examined.findings]
}

/** Where a user or an agent is there may be no policy. What is wrong with its name is found with the other settings. */
function policyFileOf({ profiles, subject }: Run): string | null {
  const gateway = profiles.find(({ role }) => role === 'gateway')
  if (gateway === undefined && !subject.environment.SCOPES_FILE?.trim()) return null
  try {
    return scopesFileOf(gateway?.env ?? subject.environment)
  } catch {
    return null
  }
}

/** A pool that several files name alike is asked once. */
async function askPools({ profiles, pools, world }: Run): Promise<Finding[]> {
  const derivable = profiles.filter(({ issuerIsKnown }) => issuerIsKnown)
  const known = new Map<string, Pool>(derivable.flatMap((profile) => profile.pools.map((pool) => [keyOf(pool), pool] as const)))
  await Promise.all([...known].map(async ([key, pool]) => pools.set(key, await examinePool(pool, world))))
  const facts = [...known.keys()].flatMap((key) => pools.get(key) ?? [])
  const unknown = profiles.filter(({ issuerIsKnown, pools: own }) => !issuerIsKnown && own.length > 0)
  const notes = unknown.map(({ name }) =>
    skipped('pool', `the issuer of the pool in ${name} cannot be derived`, `Set COGNITO_ISSUER in ${name}.`),
  )
  if (facts.length === 0) return notes
  const skews = facts.flatMap((one) => one.skews)
  return [...notes, ...facts.flatMap(({ findings }) => findings), checkClock(skews, 'Cognito')]
}

/** Several files of one pool have the same domain. */
async function askDomains(run: Run): Promise<Finding[]> {
  const withDomain = run.profiles.filter(({ domain, client }) => domain !== null && client !== null)
  const distinct = withDomain.filter(({ domain }, index) => withDomain.findIndex((other) => other.domain === domain) === index)
  return Promise.all(
    distinct.map(async (profile) => {
      const finding = await checkDomain(profile, tokenEndpointOf(run, profile), run.world)
      if (finding.status === 'failure') run.away.add(profile.domain as string)
      return finding
    }),
  )
}

async function getTokens(run: Run): Promise<Finding[]> {
  const findings: Finding[] = []
  const granted: (readonly string[])[] = []
  for (const profile of run.profiles) {
    const { role, client, domain } = profile
    if (role !== 'agent' || client === null || client.secret === null || domain === null) continue
    if (run.away.has(domain)) {
      findings.push(unasked(profile))
      continue
    }
    const { finding, token } = await examineAgentClient(profile, client, tokenEndpointOf(run, profile), run.world)
    findings.push(finding)
    if (token === null) continue
    run.tokens.set(profile, token)
    const grants = await examineAgentScopes(profile, token, factsOf(run, profile)?.keys ?? null, run.policy, run.world.now)
    findings.push(...grants.findings)
    if (grants.scopes !== null) granted.push(grants.scopes)
  }
  return run.policy === null ? findings : [...findings, ...checkUnused(run.policy, granted)]
}

async function readNginxConfig(run: Run): Promise<Finding[]> {
  const { subject, policy, profiles } = run
  const gateway = profiles.find(({ role }) => role === 'gateway') ?? null
  // Who looks at a user's or an agent's settings alone is not at the gateway.
  if (gateway === null && !subject.nginx.isAsked) return []
  const { findings, servers } = examineNginx(subject.nginx.config, policy === null ? [] : serversOf(policy), gateway, subject.nginx.isAsked)
  run.gated = servers
  return findings
}
