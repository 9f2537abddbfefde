import { REFUSALS, type Reason, refusal } from '../../src/gate/refusal.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const refusals = suite('the ways to say no')
const ALL = Object.keys(REFUSALS) as Reason[]

for (const reason of ALL) {
  const { status, error, message } = refusal(reason)

  refusals(`${reason}: the message travels unharmed in a header, in a challenge and inside a JSON string`, () => {
    assert.not.match(message, /[^\x20-\x7e]|["\\]/)
    assert.ok(message.length <= 160)
    assert.is(JSON.stringify(message), `"${message}"`)
  })

  refusals(`${reason}: the message is made of sentences`, () => {
    assert.match(message, /^[A-Z].*\.$/)
  })

  refusals(`${reason}: the error code goes with the status (RFC 6750 section 3.1)`, () => {
    const statuses = { invalid_request: [401], invalid_token: [401], insufficient_scope: [403], none: [401, 403, 500, 503] }
    assert.ok(statuses[error ?? 'none'].includes(status), `${status} ${error}`)
  })

  refusals(`${reason}: the name is a word of its own for logs and metrics`, () => {
    assert.match(reason, /^[a-z]+(?:_[a-z]+)*$/)
  })
}

refusals('no refusal has a status that NGINX takes for a yes', () => {
  assert.equal(
    ALL.filter((reason) => refusal(reason).status < 400),
    [],
  )
})

refusals('no two refusals say the same', () => {
  assert.is(new Set(ALL.map((reason) => refusal(reason).message)).size, ALL.length)
})

refusals('without credentials there is no error code (RFC 6750 section 3)', () => {
  assert.is(refusal('no_credentials').error, null)
})

// Clients act on the status: 401 makes them fetch a new token, 403 another scope, and the others make them wait.
const STATUSES: [number, Reason[]][] = [
  [403, ['origin_not_allowed', 'server_not_allowed', 'method_not_allowed', 'name_not_allowed']],
  [500, ['question_malformed', 'internal_error']],
  [503, ['keys_unavailable', 'policy_unavailable', 'session_store_unavailable']],
]
for (const [status, reasons] of STATUSES) {
  refusals(`${status} is for ${reasons.join(', ')}`, () => {
    assert.equal(
      ALL.filter((reason) => refusal(reason).status === status),
      reasons,
    )
  })
}

refusals.run()
