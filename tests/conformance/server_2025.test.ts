/** The official suite for revision 2025-11-25, through the gateway. */
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { runSuite } from './official.ts'
import { compare, policyFor, throughGateway } from './through.ts'

const conformance = suite('conformance')
compare(conformance, '2025-11-25')

conformance('by default clients answer no requests of servers, and the suite sees it', async () => {
  const which = ['--scenario', 'tools-call-elicitation', '--spec-version', '2025-11-25', '--timeout', '5000']
  const [scenario] = await throughGateway({ lines: '', policy: policyFor('"*"') }, async (url, gateway) => {
    const seen = await runSuite(['server', '--url', url, ...which])
    assert.match(gateway.logs(), '"reason":"response_not_allowed"')
    return seen
  })
  assert.equal(scenario?.checks[0], 'FAILURE scenario-timeout')
})

conformance.run()
