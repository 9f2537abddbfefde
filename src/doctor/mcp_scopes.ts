/** Whether the app client that stands for MCP clients may have what these will ask for: scopes of `scopes.yml`, and the resource. */
import { grantableScopes } from '../oauth/service.ts'
import type { World } from './ask.ts'
import { askAuthorize } from './authorize.ts'
import { type Finding, failure, ok, skipped, warning } from './finding.ts'
import type { McpFace } from './mcp_face.ts'
import { serversOf, type UsablePolicy } from './policy.ts'
import type { Profile } from './profile.ts'
import { refusedScopes } from './refused_scopes.ts'

/** @param registered a callback URL of the client: to any other Cognito says nothing about scopes */
export async function checkMcpScopes(
  profile: Profile,
  mcp: McpFace,
  registered: string | null,
  policy: UsablePolicy | null,
  world: World,
): Promise<Finding[]> {
  if (!mcp.isOpen) return [skipped('mcp-scopes', `${profile.name} lets no MCP client sign in by itself`)]
  if (policy === null) return [skipped('mcp-scopes', 'cannot be judged without a policy')]
  if (registered === null) return [skipped('mcp-scopes', 'cannot be tried before a callback URL is registered')]
  const scopes = grantableScopes({ mcpScopes: mcp.scopes }, policy.policy.scopes)
  // Where there is nothing to ask for, the gateway asks for this, as Cognito takes nothing for everything.
  const asked = scopes.length > 0 ? scopes : ['openid']
  const question = { domain: profile.domain as string, clientId: mcp.client.id, redirectUri: registered }
  const refused = await refusedScopes(question, asked, [], world)
  const findings = [...judge(refused, asked, profile, mcp, policy), ...unknown(profile, mcp, policy)]
  if (!mcp.resourceBinding || refused === null || refused.length > 0) return findings
  return [...findings, await checkResource(profile, mcp, registered, asked, policy, world)]
}

function judge(
  refused: readonly string[] | null,
  asked: readonly string[],
  { name }: Profile,
  mcp: McpFace,
  { path }: UsablePolicy,
): Finding[] {
  const { id } = mcp.client
  const all = asked.join(' ')
  if (refused === null) return [skipped('mcp-scopes', `Cognito's answer does not tell whether ${id} may have ${all}`)]
  if (refused.length === 0) return [ok('mcp-scopes', `MCP clients may ask by ${id} for ${all}`)]
  const culprits = refused.join(', ')
  const evidence = `MCP clients may not ask by ${id} for ${culprits} (invalid_scope): Cognito refuses every sign-in that asks for it`
  if (refused.includes('openid'))
    return [
      failure(
        'mcp-scopes',
        evidence,
        `In Cognito, app client, Login pages, OpenID Connect scopes: allow openid. Or let MCP_SCOPES in ${name} name scopes that it may have.`,
      ),
    ]
  const rest = asked.filter((scope) => !refused.includes(scope)).join(',') || 'none'
  const leave = `leave out what MCP clients are not to ask for, by MCP_SCOPES=${rest} in ${name}.`
  const possible = refused.filter((scope) => scope.includes('/')).join(', ')
  if (possible === '')
    return [failure('mcp-scopes', evidence, `Names of Cognito's are RESOURCE_SERVER/SCOPE. Rename it in ${path}, or ${leave}`)]
  return [failure('mcp-scopes', evidence, `In Cognito, app client, Login pages, Custom scopes: allow ${possible}. Or ${leave}`)]
}

/** A name that no scope has takes away the scope that was meant. */
function unknown({ name }: Profile, { scopes }: McpFace, { path, policy }: UsablePolicy): Finding[] {
  const strange = scopes === '*' ? [] : [...scopes].filter((scope) => !policy.knows(scope))
  if (strange.length === 0) return []
  const remedy = `Correct the name in MCP_SCOPES, or remove it. The names are the keys of ${path}, and upper and lower case count.`
  return [warning('mcp-scopes', `MCP_SCOPES in ${name} names ${strange.join(', ')}, which ${path} does not know`, remedy)]
}

/** RFC 8707; the AWS developer guide, resource binding: which URLs are taken, and that it takes the plan Essentials or Plus. */
async function checkResource(
  { domain, gateway, name }: Profile,
  { client }: McpFace,
  redirectUri: string,
  scopes: readonly string[],
  policy: UsablePolicy,
  world: World,
): Promise<Finding> {
  const [server] = serversOf(policy)
  const resource = server === undefined ? gateway : `${gateway}/${server}/mcp`
  const answer = await askAuthorize(
    { domain: domain as string, clientId: client.id, redirectUri, scopes, resource: resource as string },
    world,
  )
  if (answer.kind === 'login') return ok('mcp-scopes', `Cognito takes ${resource} as the resource to bind tokens to`)
  const said = answer.kind === 'callback' || answer.kind === 'error_page' ? answer.error : answer.kind
  const remedy = `Resource binding takes https or http://localhost, managed login, and the plan Essentials or Plus. Set COGNITO_RESOURCE_BINDING=off in ${name} otherwise.`
  return failure('mcp-scopes', `Cognito does not take ${resource} as the resource to bind tokens to (${said})`, remedy)
}
