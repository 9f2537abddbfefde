/** Forged tokens and seals: none of them counts, none of them throws, and what is looked at before a key is looked up costs nothing. */
import { createHmac } from 'node:crypto'
import { createSignatureVerifier } from '../../src/cognito/signature.ts'
import { createSealer } from '../../src/session/seal.ts'
import { base64url, claims, createBench, ISSUER, makeKey, NOW, token } from '../cognito/forge.ts'
import type { Random } from '../support/random.ts'
import { drawn } from './drawn.ts'
import { joined, mutated } from './pieces.ts'
import { fuzzing, isQuick } from './property.ts'

const tests = fuzzing('tokens')

const MAX = 8192
const KEY = makeKey('k1')
const GOOD = token(KEY)
const [HEADER, PAYLOAD, SIGNATURE] = GOOD.split('.') as [string, string, string]
const verify = createSignatureVerifier({ keysOf: new Map([[ISSUER, createBench([KEY]).store]]), now: () => NOW, maxLength: MAX })

const LETTERS = [
  ...'AQgwZz09-_',
  '.',
  '..',
  '=',
  ' ',
  '\n',
  '\0',
  '\u00e9',
  'A'.repeat(50),
  HEADER,
  PAYLOAD,
  SIGNATURE,
  'eyJhbGciOiJub25lIn0',
]
const MEMBERS = [
  ...[
    '"alg"',
    '"none"',
    '"HS256"',
    '"RS256"',
    '"PS256"',
    '"kid"',
    '"k1"',
    '"../k1"',
    '"crit":["b64"]',
    '"b64":false',
    '"typ":"JWT"',
    '"jku":"https://x"',
    '"jwk":{}',
  ],
  ...[
    '"iss"',
    `"${ISSUER}"`,
    '"exp":9e99',
    '"exp"',
    '"nbf":0',
    '"sub"',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    '\\u0061',
    '1',
    'null',
    '\u00e9',
    ' ',
    '\ufeff',
  ],
]

/** Header and payload as somebody else would write them, with the signature of a token that is good, or with one of their own. */
function rewritten(random: Random): string {
  const header = base64url(mutated(random, `{"kid":"k1","alg":"${random.pick(['RS256', 'none', 'HS256'])}"}`, MEMBERS))
  const payload = random.once(2) ? PAYLOAD : base64url(mutated(random, JSON.stringify(claims()), MEMBERS))
  const input = `${random.once(2) ? HEADER : header}.${payload}`
  const own = createHmac('sha256', KEY.publicKey.export({ type: 'spki', format: 'pem' }))
    .update(input)
    .digest('base64url')
  return `${input}.${random.pick([SIGNATURE, own, '', 'AA'])}`
}

const forged = (random: Random): string =>
  random.pick([() => mutated(random, GOOD, LETTERS), () => rewritten(random), () => rewritten(random), () => joined(random, LETTERS, 6)])()

tests.property('no forged token is accepted, and none throws', {
  from: drawn(forged),
  noted: 0.1,
  objectionLater: async (text, note) => {
    const result = await verify(text)
    if (result.ok) return text === GOOD ? '' : 'accepted'
    // So far did only those come whose header and issuer are in order.
    if (result.reason === 'token_signature' || result.reason === 'token_key') note()
    return typeof result.reason === 'string' ? '' : 'refused without a reason'
  },
})

const UNITS = ['"', '\\', '\\"', '":', '"a":', '{', '[', '{"a":', ' ', '"\\', ',', '\u00e9', 'A']

tests.property('a token of the largest size is judged at once', {
  from: drawn((random) => {
    const long = base64url(
      random
        .pick(UNITS)
        .repeat(6000)
        .slice(0, random.pick([400, 500, 3000, 5900])),
    )
    const dots = random.pick(['.', 'A.', '..']).repeat(random.below(2) * 4000)
    return random
      .pick([`${long}.${PAYLOAD}.${SIGNATURE}`, `${HEADER}.${long}.${SIGNATURE}`, `${HEADER}.${PAYLOAD}.${long}`, dots])
      .slice(0, MAX)
  }),
  objectionLater: async (text) => {
    // What comes before the first key is looked up is done when the call returns.
    if (!isQuick(30, () => void verify(text))) return 'takes more than 30 ms'
    return (await verify(text)).ok ? 'accepted' : ''
  },
})

const sealer = createSealer(['5f1d7a0c93be4826d1f0a7c4e8b29360'])
const SEALS = await Promise.all([
  sealer.seal('session', { user: 'rosa' }),
  sealer.seal('login', { user: 'root' }),
  sealer.seal('session', { user: 'root' }),
])
const [SEAL] = SEALS as [string, string, string]

/** A seal changed by some characters, or put together from several. */
function forgedSeal(random: Random): string {
  if (random.once(3)) return mutated(random, SEAL, [...'*~.-_aZ09', '~2', '**', 'Fe26.2', '%2A', '\n'])
  const parts = SEALS.map((seal) => seal.split('*'))
  return SEAL.split('*')
    .map((part, index) => random.pick([part, ...parts.map((other) => other[index] as string)]))
    .join('*')
}

tests.property('no forged seal opens', {
  from: drawn(forgedSeal),
  kept: [SEALS[1] as string],
  noted: 0.3,
  objectionLater: async (seal, note) => {
    const opened = await sealer.open('session', seal)
    // The second one is for another purpose.
    if (seal === SEALS[0] || seal === SEALS[2]) return ''
    note()
    return opened === null ? '' : `opens: ${JSON.stringify(opened)}`
  },
})

tests.run()
