/** The checks of each gateway that the settings lead to. */
import { checkClock, skewOf } from './clock.ts'
import type { Finding } from './finding.ts'
import { askForNothing, checkServer, examineGateway } from './gateway.ts'
import { checkAgentAccess, checkSession } from './identity.ts'
import { serversOf } from './policy.ts'
import type { Run } from './run.ts'
import { checkKeyMatch } from './secret_key.ts'
import { checkHeaders, checkPaths } from './tricks.ts'

export async function askGateways(run: Run): Promise<Finding[]> {
  const gateways = [...new Set(run.profiles.flatMap(({ gateway }) => gateway ?? []))]
  const findings: Finding[] = []
  for (const gateway of gateways) findings.push(...(await askOneGateway(run, gateway)))
  return findings
}

async function askOneGateway(run: Run, gateway: string): Promise<Finding[]> {
  const { world, profiles, policy, subject, tokens } = run
  const { findings, isThere, answer } = await examineGateway(gateway, world)
  if (!isThere || answer === null) return findings
  const skew = skewOf(answer)
  const own = profiles.filter((profile) => profile.gateway === gateway)
  const issuers = own.flatMap(({ pools, issuerIsKnown }) => (issuerIsKnown ? pools.flatMap((pool) => pool.issuers) : []))
  const names = policy === null ? [] : serversOf(policy)
  const servers = [...new Set([...names, ...(run.gated ?? [])])]
  const nothing = await askForNothing(gateway, world)
  const answers = await Promise.all(servers.map((server) => checkServer({ gateway, server, issuers, nothing }, world)))
  const there = servers.filter((_server, index) => answers[index]?.status !== 'skipped')
  findings.push(...(skew === null ? [] : [checkClock([skew], gateway)]), ...answers)
  findings.push(await checkPaths({ gateway, servers: there, nothing }, world))
  if (there.length > 0) findings.push(await checkHeaders({ gateway, servers: there, nothing }, world))
  for (const profile of own) {
    if (profile.role !== 'agent') findings.push(await checkKeyMatch(profile, gateway, skew, world))
    const token = tokens.get(profile)
    if (token !== undefined) findings.push(await checkAgentAccess(profile, gateway, token, world))
  }
  const person =
    own.find(({ role }) => role === 'user') ?? (subject.session?.isAsked ? own.find(({ role }) => role === 'gateway') : undefined)
  if (subject.session !== null && person !== undefined) findings.push(await checkSession(subject.session, person, gateway, policy, world))
  return findings
}
