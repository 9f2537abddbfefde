import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { base64url, claims, createBench, makeKey, token, verdict } from './forge.ts'

const structure = suite('the text of an access token')

const KEY = makeKey('k1')
const bench = createBench([KEY])
const GOOD = token(KEY)
const [HEADER, PAYLOAD, SIGNATURE] = GOOD.split('.') as [string, string, string]
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

structure('accepted: three parts', async () => {
  assert.is(await verdict(bench, GOOD), 'accepted')
})

const MALFORMED: [string, string][] = [
  ['nothing', ''],
  ['one part', HEADER],
  ['two parts', `${HEADER}.${PAYLOAD}`],
  ['four parts', `${GOOD}.${SIGNATURE}`],
  ['five parts, as of an encrypted token', `${HEADER}.${PAYLOAD}.${SIGNATURE}.${PAYLOAD}.${SIGNATURE}`],
  ['a dot behind', `${GOOD}.`],
  ['a dot before', `.${GOOD}`],
  ['no header', `.${PAYLOAD}.${SIGNATURE}`],
  ['no payload', `${HEADER}..${SIGNATURE}`],
  ['no signature', `${HEADER}.${PAYLOAD}.`],
  ['two dots', '..'],
  ['four dots', '....'],
  ['a newline behind', `${GOOD}\n`],
  ['a space behind', `${GOOD} `],
  ['a space before', ` ${GOOD}`],
  ['a tab inside', `${HEADER}.\t${PAYLOAD}.${SIGNATURE}`],
  ['a line break in the payload', `${HEADER}.${PAYLOAD.slice(0, 8)}\r\n${PAYLOAD.slice(8)}.${SIGNATURE}`],
  ['a NUL behind', `${GOOD}\u0000`],
  ['the scheme before', `Bearer ${GOOD}`],
  ['the token twice', `${GOOD},${GOOD}`],
  ['quotes around', `"${GOOD}"`],
  ['padding of the header', `${HEADER}=.${PAYLOAD}.${SIGNATURE}`],
  ['padding of the payload', `${HEADER}.${PAYLOAD}==.${SIGNATURE}`],
  ['padding of the signature', `${GOOD}==`],
  ['percent encoding', GOOD.replace('.', '%2E')],
  ['a full-width dot', GOOD.replace('.', '\uff0e')],
  ['a letter outside of ASCII in the payload', `${HEADER}.${PAYLOAD}\u0130.${SIGNATURE}`],
  ['the JSON serialization', JSON.stringify({ protected: HEADER, payload: PAYLOAD, signature: SIGNATURE })],
  ['a part of one character', `A.${PAYLOAD}.${SIGNATURE}`],
]
for (const [what, text] of MALFORMED) {
  structure(`malformed: ${what}`, async () => {
    assert.is(await verdict(bench, text), 'token_malformed')
  })
}

/** The same bytes with other spare bits in the last character; null where there are none. */
function otherSpelling(part: string): string | null {
  const last = ALPHABET.indexOf(part.at(-1) as string)
  const spelling = [1, 2, 4, 8].map((bits) => part.slice(0, -1) + ALPHABET[last ^ bits]).find((text) => sameBytes(text, part))
  return spelling ?? null
}
const sameBytes = (a: string, b: string): boolean => Buffer.from(a, 'base64url').equals(Buffer.from(b, 'base64url'))

structure('malformed: another spelling of the same bytes, in each part', async () => {
  let tried = 0
  for (const filling of ['', 'x', 'xx']) {
    const key = { ...KEY, kid: `k${filling}` }
    const own = createBench([{ ...key, jwk: { ...KEY.jwk, kid: key.kid } }])
    const parts = token(key, claims({ jti: filling })).split('.')
    assert.is(await verdict(own, parts.join('.')), 'accepted')
    for (const [index, part] of parts.entries()) {
      const spelling = otherSpelling(part)
      if (spelling === null) continue
      tried += 1
      assert.is(await verdict(own, parts.with(index, spelling).join('.')), 'token_malformed', `part ${index} of "${filling}"`)
    }
  }
  assert.is(tried, 2 + 2 + 3, 'every part has one length in three without spare bits; that of the signature does not vary')
})

structure('malformed: the standard alphabet of base64', async () => {
  const odd = token(KEY, claims({ jti: '\u00ff\u00ef\u00bf>>>???~~~ÿÿÿ' }))
  assert.is(await verdict(bench, odd), 'accepted')
  for (const standard of [odd.replaceAll('-', '+'), odd.replaceAll('_', '/')]) {
    assert.is.not(standard, odd, 'the token of this test holds both letters')
    assert.is(await verdict(bench, standard), 'token_malformed')
  }
})

const PAYLOADS: [string, string][] = [
  ['no JSON', 'not json'],
  ['a list', '[]'],
  ['a text', '"x"'],
  ['a number', '1'],
  ['null', 'null'],
  ['true', 'true'],
  ['cut JSON', JSON.stringify(claims()).slice(0, -1)],
  ['something behind the object', `${JSON.stringify(claims())}x`],
]
for (const [what, payload] of PAYLOADS) {
  structure(`malformed: ${what} as the payload, though it is signed`, async () => {
    assert.is(await verdict(bench, token(KEY, payload)), 'token_malformed')
  })
}

structure('malformed: a payload that is no UTF-8', async () => {
  const bytes = Buffer.from(JSON.stringify(claims({ x: 'ÿ' })), 'latin1')
  assert.is(await verdict(bench, `${HEADER}.${base64url(bytes)}.${SIGNATURE}`), 'token_malformed')
})

/** A token of exactly this many characters. */
function tokenOf(length: number): string {
  const spare = length - token(KEY, claims({ jti: '' })).length
  for (let size = Math.floor((spare * 3) / 4) - 3; ; size += 1) {
    const text = token(KEY, claims({ jti: 'x'.repeat(size) }))
    if (text.length >= length) return text
  }
}

structure('accepted: a token of 8192 characters', async () => {
  const text = tokenOf(8191)
  assert.ok(text.length === 8191 || text.length === 8192, String(text.length))
  assert.is(await verdict(bench, text), 'accepted')
})

for (const length of [8193, 16_384, 1_048_576]) {
  structure(`too large: a token of ${length} characters, well signed or not`, async () => {
    const text = tokenOf(length)
    assert.is(await verdict(bench, text), 'token_too_large')
    assert.is(await verdict(bench, 'a'.repeat(length)), 'token_too_large')
    assert.is(await verdict(bench, '.'.repeat(length)), 'token_too_large')
  })
}

structure('a token of 1 MB is refused in no time', async () => {
  const text = `${HEADER}.${'A'.repeat(1_048_576)}.${SIGNATURE}`
  const times: number[] = []
  // The quickest counts: others are interrupted on a busy machine.
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const started = performance.now()
    assert.is(await verdict(bench, text), 'token_too_large')
    times.push(performance.now() - started)
  }
  assert.ok(Math.min(...times) < 5, `${Math.min(...times)} ms`)
})

structure('nothing malformed makes a fetch', async () => {
  const own = createBench([KEY])
  for (const [, text] of MALFORMED) await verdict(own, text)
  assert.equal(own.fetched, [])
})

structure.run()
