import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { base64url, claims, createBench, makeKey, sha256, signatureOver, signingInput, token, verdict } from './forge.ts'

const signatures = suite('the signature of an access token')

const KEY = makeKey('k1')
const bench = createBench([KEY])
const INPUT = signingInput({ kid: 'k1', alg: 'RS256' }, claims())
const GOOD = token(KEY)
const SIGNATURE = Buffer.from(GOOD.split('.')[2] as string, 'base64url')
const MODULUS = BigInt(`0x${Buffer.from(KEY.jwk.n as string, 'base64url').toString('hex')}`)

const signedWith = (signature: Buffer): string => `${INPUT}.${base64url(signature)}`
const bytesOf = (value: bigint, length = 256): Buffer => Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex')
const numberOf = (bytes: Buffer): bigint => BigInt(`0x${bytes.toString('hex')}`)

const WRONG: [string, Buffer][] = [
  ['truncated by one byte', SIGNATURE.subarray(0, -1)],
  ['without its first byte', SIGNATURE.subarray(1)],
  ['half of it', SIGNATURE.subarray(0, 128)],
  ['one byte', Buffer.from([1])],
  ['a byte longer', Buffer.concat([SIGNATURE, Buffer.from([0])])],
  ['a zero byte before', Buffer.concat([Buffer.from([0]), SIGNATURE])],
  ['twice', Buffer.concat([SIGNATURE, SIGNATURE])],
  ['zeros', Buffer.alloc(256)],
  ['ones', Buffer.alloc(256, 0xff)],
  ['the number 1', bytesOf(1n)],
  ['the modulus', bytesOf(MODULUS)],
  ['the modulus less 1', bytesOf(MODULUS - 1n)],
  ['the modulus and 1', bytesOf(MODULUS + 1n)],
  ['its negative', bytesOf(MODULUS - numberOf(SIGNATURE))],
  ['itself and the modulus', bytesOf(numberOf(SIGNATURE) + MODULUS, 257)],
  ['its bytes in reverse', Buffer.from(SIGNATURE).reverse()],
  ['the hash itself', sha256(INPUT)],
  ['that of other claims', Buffer.from(token(KEY, claims({ scope: 'x' })).split('.')[2] as string, 'base64url')],
]
for (const [what, signature] of WRONG) {
  signatures(`refused: ${what}`, async () => {
    assert.is(await verdict(bench, signedWith(signature)), 'token_signature')
  })
}

// Only some signatures leave room for the modulus in 256 bytes, so one of these is looked for.
signatures('refused: the signature and the modulus in 256 bytes', async () => {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const payload = claims({ jti: String(attempt) })
    const [header, body, signature] = token(KEY, payload).split('.') as [string, string, string]
    const sum = numberOf(Buffer.from(signature, 'base64url')) + MODULUS
    if (sum >> 2048n > 0n) continue
    assert.is(await verdict(bench, `${header}.${body}.${base64url(bytesOf(sum))}`), 'token_signature')
    return
  }
})

signatures('refused: every bit of the signature changed', async () => {
  for (let bit = 0; bit < 2048; bit += 1) {
    const changed = Buffer.from(SIGNATURE)
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
    if ((await verdict(bench, signedWith(changed))) !== 'token_signature') assert.unreachable(`bit ${bit}`)
  }
})

signatures('refused: every bit of header and payload changed', async () => {
  const reasons = new Set<string>()
  const [header, payload, signature] = GOOD.split('.').map((part) => Buffer.from(part, 'base64url')) as [Buffer, Buffer, Buffer]
  for (const part of [header, payload]) {
    for (let bit = 0; bit < 8 * part.length; bit += 1) {
      const before = part[bit >> 3] as number
      part[bit >> 3] = before ^ (1 << (bit & 7))
      reasons.add(await verdict(bench, [header, payload, signature].map(base64url).join('.')))
      part[bit >> 3] = before
    }
  }
  const expected = ['token_header', 'token_issuer', 'token_key', 'token_malformed', 'token_signature']
  assert.equal([...reasons].sort(), expected)
})

signatures('refused: parts of two good tokens put together', async () => {
  const [header, payload, signature] = GOOD.split('.')
  const [otherHeader, otherPayload, otherSignature] = token(KEY, claims({ sub: 'other' }), { alg: 'RS256', kid: 'k1', typ: 'JWT' }).split(
    '.',
  )
  for (const mixed of [
    [header, otherPayload, signature],
    [otherHeader, payload, signature],
    [header, payload, otherSignature],
  ]) {
    assert.is(await verdict(bench, mixed.join('.')), 'token_signature')
  }
})

const SHA256_INFO = '3031300d060960864801650304020105000420'
const HASH = sha256(INPUT).toString('hex')

/** EMSA-PKCS1-v1_5 (RFC 8017 section 9.2) with a hole for everything that can be wrong. The tail is in hex. */
function block(tail: string, { start = '0001', fill = 'ff', separator = '00', length = 256 } = {}): Buffer {
  const padding = fill.repeat(length).slice(0, 2 * length - start.length - separator.length - tail.length)
  return Buffer.from(start + padding + separator + tail, 'hex')
}
const right = block(SHA256_INFO + HASH)
const shortPadding = (ending: string): Buffer =>
  Buffer.from(`0001${'ff'.repeat(8)}00${SHA256_INFO}${HASH}${ending}`.padEnd(512, '0'), 'hex')
const withByte = (at: number, byte: number): Buffer => {
  const changed = Buffer.from(right)
  changed[at] = byte
  return changed
}

signatures('accepted: the padding of RFC 8017, made by hand', async () => {
  assert.is(await verdict(bench, signedWith(signatureOver(KEY, right))), 'accepted')
  assert.ok(signatureOver(KEY, right).equals(SIGNATURE))
})

const BLOCKS: [string, Buffer][] = [
  ['garbage behind the hash and little padding', shortPadding('')],
  ['chosen garbage behind the hash', shortPadding('5a'.repeat(194))],
  ['one byte of garbage behind the hash', block(`${SHA256_INFO}${HASH}00`)],
  ['block type 0', withByte(1, 0)],
  ['block type 2', withByte(1, 2)],
  ['a first byte other than 0', withByte(0, 1)],
  ['a byte of padding changed', withByte(100, 0xfe)],
  ['a zero in the padding', withByte(100, 0)],
  ['no zero behind the padding', block(SHA256_INFO + HASH, { separator: 'ff' })],
  ['padding of zeros', block(SHA256_INFO + HASH, { fill: '00' })],
  ['random padding', block(SHA256_INFO + HASH, { start: '0002', fill: 'a5' })],
  ['the bare hash', block(HASH)],
  ['no parameters', block(`302f300b0609608648016503040201${'0420'}${HASH}`)],
  ['parameters that are no NULL', block(`3032300e06096086480165030402010401000420${HASH}`)],
  ['parameters with garbage', block(`3033300f060960864801650304020105020000${'0420'}${HASH}`)],
  ['a length in long form', block(`308131300d060960864801650304020105000420${HASH}`)],
  ['a length in longer form', block(`30820031300d060960864801650304020105000420${HASH}`)],
  ['an indefinite length', block(`3080300d060960864801650304020105000420${HASH}0000`)],
  ['the name of SHA-1', block(`3021300906052b0e03021a05000414${HASH.slice(0, 40)}`)],
  ['the name of SHA-384', block(`3041300d060960864801650304020205000430${HASH.padEnd(96, '0')}`)],
  ['the name of SHA-512', block(`3051300d060960864801650304020305000440${HASH.padEnd(128, '0')}`)],
  ['the name of SHA-224', block(`302d300d06096086480165030402040500041c${HASH.slice(0, 56)}`)],
  ['a name that is unknown', block(`3031300d060960864801650304020905000420${HASH}`)],
  ['a hash that is cut', block(`3030300d06096086480165030402010500041f${HASH.slice(0, 62)}`)],
  ['an empty hash', block('3011300d060960864801650304020105000400')],
  ['the hash of something else', block(SHA256_INFO + sha256('else').toString('hex'))],
  ['the hash in reverse', block(SHA256_INFO + Buffer.from(HASH, 'hex').reverse().toString('hex'))],
  ['garbage inside the outer sequence', block(`3033300d060960864801650304020105000420${HASH}0500`)],
  ['an OCTET STRING too long by one', block(`3032300d060960864801650304020105000421${HASH}00`)],
  ['a BIT STRING for the hash', block(`3032300d06096086480165030402010500032100${HASH}`)],
  ['nothing', Buffer.alloc(256)],
]
for (const [what, bytes] of BLOCKS) {
  signatures(`refused: a block with ${what}`, async () => {
    assert.is(bytes.length, 256)
    assert.is(await verdict(bench, signedWith(signatureOver(KEY, bytes))), 'token_signature')
  })
}

/** The least number whose cube is no smaller. */
function cubeRoot(value: bigint): bigint {
  let low = 0n
  let high = 1n << 700n
  while (low < high) {
    const middle = (low + high) >> 1n
    if (middle ** 3n < value) low = middle + 1n
    else high = middle
  }
  return low
}

// Bleichenbacher's forgery needs no private key where the exponent is 3 and what follows the hash is not looked at.
signatures('refused: a cube root made without the private key', async () => {
  const key = makeKey('k1', 2048, 3)
  const own = createBench([key])
  assert.is(await verdict(own, token(key)), 'accepted')
  const forged = bytesOf(cubeRoot(numberOf(shortPadding(''))))
  const opened = bytesOf(numberOf(forged) ** 3n).toString('hex')
  assert.ok(opened.startsWith(`0001${'ff'.repeat(8)}00${SHA256_INFO}${HASH}`), 'the forgery has the right beginning')
  assert.is(await verdict(own, signedWith(forged)), 'token_signature')
})

signatures.run()
