/** Examples put to the gate. */
import { assume, type Caller } from './assumed.ts'
import type { PolicyFile } from './entries.ts'
import type { Example, Examples } from './examples.ts'
import { explain } from './explain.ts'
import type { Explanation } from './explanation.ts'

export interface Outcome {
  example: Example
  passed: boolean
  explanation: Explanation
}

export async function runExamples({ examples }: Examples, source: PolicyFile): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const example of examples) {
    const { gate, credential } = assume(example.caller, source.policy, 'https://mcp.example.com')
    const explanation = await explain(example.asked, credential, gate, source)
    outcomes.push({ example, passed: explanation.allowed === example.allowed, explanation })
  }
  return outcomes
}

/** Names that the policy does not have: of a misspelled group everything is denied, and denials would prove nothing. */
export function strangers({ subjects }: Examples, { policy }: PolicyFile): string[] {
  return [...subjects].flatMap(([subject, caller]) => [
    ...groupsIn(caller)
      .filter((group) => !policy.groups.includes(group))
      .map((group) => `${subject}: the policy does not map the group "${group}"`),
    ...scopesIn(caller)
      .filter((scope) => !policy.knows(scope))
      .map((scope) => `${subject}: the policy has no scope "${scope}"`),
  ])
}

const groupsIn = (caller: Caller): readonly string[] => (caller.kind === 'agent' ? [] : caller.groups)
const scopesIn = (caller: Caller): readonly string[] => (caller.kind === 'session' ? [] : caller.scopes)
