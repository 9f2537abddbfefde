/** Which failures are tried again, how often, and how long is waited: with a clock that nobody has to wait for. */

import { type Circumstances, type Outcome, persist, readRetryAfter } from '../../src/cognito/retry.ts'
import { patienceFor, type TokenFailure, TokenRequestError } from '../../src/cognito/token_failure.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const retry = suite('trying again')

interface Story {
  outcome: Outcome<string, TokenFailure>
  attempts: number
  /** Milliseconds. */
  waits: number[]
}

/** Runs the attempts against a clock that jumps; `answers` repeat their last one. */
async function live(answers: ReadonlyArray<TokenFailure | string>, chance = 1): Promise<Story> {
  let at = 0
  let attempts = 0
  const waits: number[] = []
  const circumstances: Circumstances = {
    now: () => at,
    sleep: async (milliseconds) => {
      at += milliseconds
    },
    random: () => chance,
  }
  const attempt = async (): Promise<Outcome<string, TokenFailure>> => {
    const answer = answers[Math.min(attempts, answers.length - 1)] as TokenFailure | string
    attempts += 1
    return typeof answer === 'string' ? { ok: true, value: answer } : { ok: false, failure: answer }
  }
  const outcome = await persist(attempt, patienceFor, circumstances, (_failure, milliseconds) => waits.push(milliseconds))
  return { outcome, attempts, waits }
}

const busy = (status: number, retryAfter: number | null = null): TokenFailure => ({ kind: 'busy', status, retryAfter })
const unreachable = (code: string): TokenFailure => ({ kind: 'unreachable', code })
const refused = (error: string, description: string | null = null): TokenFailure => ({ kind: 'refused', error, description })

retry('a success is asked for once', async () => {
  assert.equal(await live(['token']), { outcome: { ok: true, value: 'token' }, attempts: 1, waits: [] })
})

for (const [name, failure] of [
  ['429', busy(429)],
  ['503', busy(503)],
  ['a broken connection', unreachable('ECONNRESET')],
  ['no answer in time', unreachable('TIMEOUT')],
] as const) {
  retry(`${name} is tried again, with waits that double`, async () => {
    const { outcome, waits } = await live([failure, failure, failure, 'token'])
    assert.equal(outcome, { ok: true, value: 'token' })
    assert.equal(waits, [500, 1000, 2000])
  })
}

retry('half of a wait is left to chance', async () => {
  assert.equal((await live([busy(503), busy(503), 'token'], 0)).waits, [250, 500])
  assert.equal((await live([busy(503), busy(503), 'token'], 0.5)).waits, [375, 750])
})

retry('it ends within 20 seconds', async () => {
  const { outcome, waits } = await live([busy(503)])
  assert.equal(outcome, { ok: false, failure: busy(503) })
  assert.equal(waits, [500, 1000, 2000, 4000, 8000])
})

retry('what the other side asks for is waited, in full or not at all', async () => {
  assert.equal((await live([busy(429, 7000), 'token'])).waits, [7000])
  assert.equal((await live([busy(429, 100), 'token'])).waits, [500])
  assert.equal((await live([busy(429, 25_000), 'token'])).attempts, 1)
  assert.equal((await live([busy(429, 12_000), busy(429, 12_000), 'token'])).waits, [12_000])
})

retry('a name that is mostly wrong is tried for a moment only', async () => {
  for (const code of ['ENOTFOUND', 'ECONNREFUSED']) assert.equal((await live([unreachable(code)])).waits, [500, 1000])
})

for (const [name, failure] of [
  ['a refusal', refused('invalid_client')],
  ['an answer of something else', { kind: 'unusable', status: 404 }],
  ['a wrong certificate', unreachable('CERT_HAS_EXPIRED')],
] as Array<[string, TokenFailure]>) {
  retry(`${name} is final`, async () => {
    assert.equal(await live([failure, 'token']), { outcome: { ok: false, failure }, attempts: 1, waits: [] })
  })
}

const NOW = Date.UTC(2026, 10, 23, 12, 0, 0)
for (const [value, expected] of [
  [null, null],
  ['0', 0],
  ['7', 7000],
  ['Mon, 23 Nov 2026 12:00:30 GMT', 30_000],
  ['Mon, 23 Nov 2026 11:00:00 GMT', 0],
  ['soon', null],
] as const) {
  retry(`Retry-After ${value} is ${expected}`, () => assert.is(readRetryAfter(value, NOW), expected))
}

const ENDPOINT = 'https://x.auth.eu-west-1.amazoncognito.com/oauth2/token'
for (const [failure, expected] of [
  [refused('invalid_client'), /^Cognito refused \(invalid_client\)\. COGNITO_CLIENT_ID or COGNITO_CLIENT_SECRET is wrong/],
  [refused('invalid_client', 'invalid_client_secret'), /COGNITO_CLIENT_SECRET is wrong for this COGNITO_CLIENT_ID/],
  [refused('invalid_scope'), /may not have one of these scopes/],
  [refused('invalid_grant'), /may not use this grant/],
  [refused('unauthorized_client'), /machine to machine, with a secret/],
  [refused('unsupported_grant_type'), /does not offer client credentials/],
  [refused('invalid_request'), /without a secret cannot use client credentials/],
  [refused('something_new'), /developer guide/],
  [busy(429, 3000), /no time for it \(status 429\), and asks to come back in 3 s\. Too many tokens/],
  [busy(503), /no time for it \(status 503\)\. Try again later/],
  [unreachable('ENOTFOUND'), /gave no usable answer \(ENOTFOUND\)\. Check COGNITO_DOMAIN/],
  [{ kind: 'unusable', status: 404 }, /No user pool has this domain/],
  [{ kind: 'unusable', status: 405 }, /not the domain of a user pool/],
  [{ kind: 'unusable', status: 302 }, /status 302\)\. Check COGNITO_DOMAIN/],
] as Array<[TokenFailure, RegExp]>) {
  retry(`${JSON.stringify(failure)} is explained`, () => {
    const error = new TokenRequestError(failure, ENDPOINT)
    assert.match(error.message, expected)
    assert.is(error.error, failure.kind === 'refused' ? failure.error : null)
  })
}

retry.run()
