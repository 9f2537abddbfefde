/** The gateway's no to a call: its exit code, as docs/agent.md has it, and what the model is told. */
import { recordOf } from '../../src/agent/record.ts'
import { callFailed } from '../../src/cli/agent_failure.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const failures = suite('a call that the gateway does not let through')

const refused = (status: number, reason: string) => ({
  kind: 'refused' as const,
  refusal: { status, reason, message: 'Why.', scope: null },
})

for (const [status, reason, code, words, outcome] of [
  [401, 'token_expired', 3, 'refused', 'refused'],
  [401, 'token_not_yet_valid', 6, 'refused', 'refused'],
  [403, 'name_not_allowed', 3, 'refused', 'refused'],
  [404, 'not_found', 2, 'refused', 'refused'],
  [413, 'body_too_large', 3, 'refused', 'refused'],
  [429, 'rate_limited', 1, 'cannot answer now', 'error'],
  [500, 'internal_error', 1, 'cannot answer now', 'error'],
  [502, 'mcp_server_unavailable', 1, 'cannot answer now', 'error'],
  [503, 'validator_unavailable', 1, 'cannot answer now', 'error'],
] as const) {
  failures(`${status} ${reason}: exit code ${code}`, () => {
    const failure = refused(status, reason)
    const { exitCode, message } = callFailed('s', failure, 'own')
    assert.is(exitCode, code)
    assert.ok(message.startsWith(`The gateway ${words} (${status} ${reason}): Why.`), message)
    assert.is(recordOf('s', { name: 't', input: {} }, { ok: false, failure }).outcome, outcome)
  })
}

failures.run()
