/** The text of a first `scopes.yml`: two groups, one that may do everything and one that may look. */

const METHODS = ['initialize', 'notifications/initialized', 'notifications/cancelled', 'ping', 'server/discover', 'tools/list']

/** Those of the policy: Cognito's RESOURCE_SERVER/SCOPE. */
export const SCOPES = ['mcp-servers-unrestricted/read', 'mcp-servers-unrestricted/execute', 'mcp-servers-restricted/read'] as const

/** Quoted: `on`, `1.10` and `null` are names of servers, and other things to YAML. */
const quoted = (name: string): string => JSON.stringify(name)

export function policyText(servers: readonly string[]): string {
  const read = servers.map((name) => `  - server: ${quoted(name)}\n    methods: [${METHODS.join(', ')}]`).join('\n')
  const execute = servers.map((name) => `  - server: ${quoted(name)}\n    methods: [tools/call]\n    tools: "*"`).join('\n')
  return `# Who may call what. Read when the validator starts and again whenever this file changes; a broken file changes nothing.
#
#   group_mappings   Cognito group → scopes, for users
#   any other key    a scope → what it opens; its name is Cognito's RESOURCE_SERVER/SCOPE, for agents
#
# What is not named here is denied. Try a change before it counts:   gatehouse policy check scopes.yml

group_mappings:
  mcp-registry-admin:
    - mcp-servers-unrestricted/read
    - mcp-servers-unrestricted/execute
  mcp-registry-user:
    - mcp-servers-restricted/read

# read = discover
mcp-servers-unrestricted/read:
${read}

# execute = call; name single tools instead of "*" to open no more than these:   tools: [tool_a, tool_b]
mcp-servers-unrestricted/execute:
${execute}

mcp-servers-restricted/read:
${read}
`
}
