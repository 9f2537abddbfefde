/** The app clients by which users log in, at the gateway and by way of MCP clients, tried at Cognito. Nobody is logged in. */
import { checkLoginClient, unasked } from './app_client.ts'
import { examineCallbacks } from './callback_urls.ts'
import type { Finding } from './finding.ts'
import { checkLoginScopes } from './login_scopes.ts'
import type { McpFace } from './mcp_face.ts'
import { checkMcpScopes } from './mcp_scopes.ts'
import type { AppClient, Profile } from './profile.ts'
import { type Run, tokenEndpointOf } from './run.ts'
import { checkSignOutUrl } from './sign_out_url.ts'

export async function tryLogins(run: Run): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const profile of run.profiles) {
    const { role, client, domain, secretKeys, mcp } = profile
    // Who has no SECRET_KEY logs in by way of the gateway, with its client.
    const logsIn = role === 'gateway' || (role === 'user' && secretKeys.length > 0)
    if (!logsIn || client === null || domain === null) continue
    if (run.away.has(domain)) {
      findings.push(unasked(profile))
      continue
    }
    const login = await tryClient(run, profile, client)
    findings.push(...login.findings)
    if (role === 'gateway') findings.push(await checkSignOutUrl(profile, client, run.world))
    findings.push(await checkLoginScopes(profile, client, login.registered, run.world))
    if (mcp !== null) findings.push(...(await tryMcpClients(run, profile, mcp, login.registered)))
  }
  return findings
}

/** @param registered a callback URL of the login's client, which may stand for MCP clients too */
async function tryMcpClients(run: Run, profile: Profile, mcp: McpFace, registered: string | null): Promise<Finding[]> {
  const own = mcp.isOwn ? await tryClient(run, profile, mcp.client) : { findings: [], registered }
  return [...own.findings, ...(await checkMcpScopes(profile, mcp, own.registered, run.policy, run.world))]
}

async function tryClient(run: Run, profile: Profile, client: AppClient) {
  const proof = await checkLoginClient(profile, client, tokenEndpointOf(run, profile), run.world)
  const { findings, registered } = await examineCallbacks(profile, client, run.world)
  return { findings: [proof, ...findings], registered }
}
