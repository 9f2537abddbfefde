/** Policies of a run. */
import { GROUP } from './identity.ts'

export const SCOPE = 'bench/use'
/** Of the backend's list the caller may use the first half. */
const TOOLS = ['now', ...Array.from({ length: 10 }, (_, index) => `tool_${index + 1}`)]
const METHODS = ['initialize', 'notifications/initialized', 'ping', 'tools/list', 'tools/call']

const entry = (server: string): string => `  - server: ${server}\n    methods: [${METHODS.join(', ')}]\n    tools: [${TOOLS.join(', ')}]\n`

/** The caller may use `now` and ten tools on each of these servers. */
export const policyFor = (servers: readonly string[]): string =>
  `group_mappings:\n  ${GROUP}: [${SCOPE}]\n${SCOPE}:\n${servers.map(entry).join('')}`

export interface OtherRule {
  scope: string
  server: string
  tool: string
}

/** So many rules that are none of the caller's business: a hundred of them a scope, one in ten on the caller's server. */
export const otherRules = (count: number): OtherRule[] =>
  Array.from({ length: count }, (_, index) => ({
    scope: `others/s${Math.floor(index / 100)}`,
    server: index % 10 === 0 ? 'currenttime' : `server${index % 1000}`,
    tool: `tool_${index}`,
  }))

/** The caller's own policy, and others' rules beside it so that there are `count` in all. */
export function policyOfSize(count: number): string {
  let scope = ''
  const lines = otherRules(count - 1).map((rule) => {
    const head = rule.scope === scope ? '' : `${rule.scope}:\n`
    scope = rule.scope
    return `${head}  - {server: ${rule.server}, methods: [tools/call], tools: [${rule.tool}]}\n`
  })
  return policyFor(['currenttime']) + lines.join('')
}
