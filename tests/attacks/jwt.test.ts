/** Tokens that are not what this user pool has issued for an accepted client: through NGINX, each is a 401 and nothing more. */
import { generateKeyPairSync, sign } from 'node:crypto'
import { now } from '../support/issuer.ts'
import { AGENT } from './delivery.ts'
import {
  BAD_PADDINGS,
  claims,
  encode,
  forge,
  header,
  hmac,
  padded,
  paddingFamilies,
  poolKey,
  pss,
  publicText,
  rsa,
  strangersKey,
} from './forge.ts'
import { type Case, DELIVERED, getFrom, postTo, runTable } from './table.ts'
import { bearer, type World } from './world.ts'

type Token = (world: World) => string | Promise<string>

const bad = (id: string, name: string, token: Token, status: number | readonly number[] = 401): Case => ({
  id,
  name,
  send: async (w) => postTo('/currenttime/mcp', [bearer(w.secret(await token(w)))]),
  status,
  backend: 'nothing',
  decisions: 1,
})

const withClaims = (id: string, name: string, changes: Record<string, unknown> | (() => Record<string, unknown>)): Case =>
  bad(id, name, (w) => w.token(typeof changes === 'function' ? changes() : changes))
const withHeader = (id: string, name: string, changes: Record<string, unknown>): Case =>
  bad(id, name, async (w) => forge(header(w, changes), claims(w), rsa(await poolKey(w))))

const good = (w: World): string => w.agent.slice('Authorization: Bearer '.length)
const parts = (w: World): [string, string, string] => good(w).split('.') as [string, string, string]
const nothing = (): Buffer => Buffer.alloc(0)

/** Changes one bit of a part in the middle. */
function flip(part: string): string {
  const bytes = Buffer.from(part, 'base64url')
  const middle = bytes.length >> 1
  bytes[middle] = (bytes[middle] as number) ^ 1
  return bytes.toString('base64url')
}

const ALGORITHMS: Case[] = [
  bad('143', 'alg none without a signature', (w) => forge(header(w, { alg: 'none' }), claims(w), nothing)),
  bad('143', 'alg nOnE with a dummy signature', (w) => forge(header(w, { alg: 'nOnE' }), claims(w), () => Buffer.from('dummy'))),
  bad('143', 'RS256 without a signature', (w) => forge(header(w), claims(w), nothing)),
  ...(['pem', 'der', 'jwk', 'n'] as const).map((form) =>
    bad('145', `HS256 with the public key as ${form}`, (w) => forge(header(w, { alg: 'HS256' }), claims(w), hmac(publicText(w, form)))),
  ),
  bad('145', 'HMAC under the label RS256', (w) => forge(header(w), claims(w), hmac(publicText(w, 'pem')))),
  bad('146', 'PS256 of the right key', async (w) => forge(header(w, { alg: 'PS256' }), claims(w), pss(await poolKey(w)))),
  bad('146', 'PSS under the label RS256', async (w) => forge(header(w), claims(w), pss(await poolKey(w)))),
  ...['sha384', 'sha512', 'sha1'].map((hash) =>
    bad('146', `${hash} of the right key under its own label`, async (w) => {
      const alg = { sha384: 'RS384', sha512: 'RS512', sha1: 'RS1' }[hash]
      return forge(header(w, { alg }), claims(w), rsa(await poolKey(w), hash))
    }),
  ),
  bad('146', 'ES256 with a key of its own', (w) => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    return forge(header(w, { alg: 'ES256' }), claims(w), (input) => sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' }))
  }),
  bad('146', 'EdDSA with a key of its own', (w) =>
    forge(header(w, { alg: 'EdDSA' }), claims(w), (input) => sign(null, input, generateKeyPairSync('ed25519').privateKey)),
  ),
  ...[['RS256'], undefined, null, 256, 'rs256', 'RS256 '].map((alg) => withHeader('148', `alg ${JSON.stringify(alg)}`, { alg })),
  bad('148', 'alg twice, none first', async (w) =>
    forge(`{"alg":"none","kid":"${w.gateway.issuer.key.kid}","alg":"RS256"}`, claims(w), rsa(await poolKey(w))),
  ),
  bad('148', 'alg twice, once escaped', async (w) =>
    forge(`{"\\u0061lg":"none","kid":"${w.gateway.issuer.key.kid}","alg":"RS256"}`, claims(w), rsa(await poolKey(w))),
  ),
]

const HEADERS: Case[] = [
  bad('149', "a stranger's key under the pool's kid", (w) => forge(header(w), claims(w), rsa(strangersKey()))),
  ...['jku', 'x5u'].flatMap((name) => [
    bad('151', `${name} to the attacker, signed by the attacker`, (w) =>
      forge(header(w, { [name]: 'http://127.0.0.1:9/keys' }), claims(w), rsa(strangersKey())),
    ),
    withHeader('152', `${name} to the attacker, signed by the pool`, { [name]: 'http://127.0.0.1:9/keys' }),
  ]),
  bad('151', 'jwk with the key of the attacker', (w) => {
    const key = strangersKey()
    return forge(header(w, { jwk: key.export({ format: 'jwk' }) }), claims(w), rsa(key))
  }),
  ...[['exp'], ['x'], [], 'x', ['b64']].map((crit) => withHeader('153', `crit ${JSON.stringify(crit)}`, { crit, x: 1 })),
  withHeader('153', 'b64 false', { b64: false, crit: ['b64'] }),
  withHeader('155', 'zip', { zip: 'DEF' }),
  withHeader('155', 'cty', { cty: 'JWT' }),
  ...['at+jwt', 'JOSE', 'jwt', ['JWT'], null].map((typ) => withHeader('155', `typ ${JSON.stringify(typ)}`, { typ })),
  bad('155', 'an encrypted token of five parts', (w) => `${encode({ alg: 'RSA-OAEP', enc: 'A256GCM' })}.${parts(w)[2]}.a.b.c`),
  ...[
    '../../k1',
    'k1\u0000',
    ' k1',
    '',
    '__proto__',
    'constructor',
    'toString',
    "' OR 1=1 --",
    'http://127.0.0.1:9/',
    'K'.repeat(4000),
    7,
    null,
    {},
  ].map((kid) => withHeader('157', `kid ${JSON.stringify(kid).slice(0, 40)}`, { kid })),
  withHeader('157', 'no kid', { kid: undefined }),
]

const STRUCTURE: Case[] = [
  bad('159', 'two parts', (w) => parts(w).slice(0, 2).join('.')),
  bad('159', 'four parts', (w) => `${good(w)}.${parts(w)[2]}`),
  bad('159', 'an empty header', (w) => `.${parts(w)[1]}.${parts(w)[2]}`),
  bad('159', 'an empty payload', (w) => `${parts(w)[0]}..${parts(w)[2]}`),
  bad('159', 'dots alone', () => '..'),
  bad('159', 'four dots', () => '....'),
  bad('159', 'a header that is an array', async (w) => forge([], claims(w), rsa(await poolKey(w)))),
  bad('159', 'a header that is null', async (w) => forge('null', claims(w), rsa(await poolKey(w)))),
  ...['[]', 'null', '"x"', '7', '{', ''].map((payload) =>
    bad('159', `the payload ${payload}`, async (w) => forge(header(w), payload, rsa(await poolKey(w)))),
  ),
  bad('160', 'Bearer inside', (w) => `Bearer${good(w)}`),
  bad('160', 'padding', (w) => `${good(w)}==`),
  bad(
    '161',
    'the alphabet of plain base64',
    (w) => `${parts(w)[0]}.${parts(w)[1]}.${Buffer.from(parts(w)[2], 'base64url').toString('base64').replace(/=+$/, '')}/+`,
  ),
  bad('161', 'another spelling of the last character', (w) => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    return good(w).slice(0, -1) + alphabet[alphabet.indexOf(good(w).at(-1) as string) + 1]
  }),
  bad('163', 'a signature cut short', (w) => good(w).slice(0, -8)),
  bad('163', 'a signature of zeros', (w) => forge(header(w), claims(w), () => Buffer.alloc(256))),
  bad('163', 'a signature of one byte', (w) => forge(header(w), claims(w), () => Buffer.alloc(1))),
  bad('163', 'a longer signature', async (w) => {
    const key = await poolKey(w)
    return forge(header(w), claims(w), (input) => Buffer.concat([sign('sha256', input, key), Buffer.alloc(1)]))
  }),
  ...[0, 1, 2].map((at) =>
    bad('164', `one bit of part ${at + 1} changed`, (w) =>
      parts(w)
        .map((part, index) => (index === at ? flip(part) : part))
        .join('.'),
    ),
  ),
  bad('164', 'the payload of the admin under the signature of the agent', (w) => `${parts(w)[0]}.${w.admin.split('.')[1]}.${parts(w)[2]}`),
  ...Object.entries(BAD_PADDINGS).map(([name, make]) =>
    bad('165', `padding: ${name}`, async (w) => forge(header(w), claims(w), padded(await poolKey(w), make))),
  ),
  {
    id: '165',
    name: 'families of paddings',
    send: async (w) => {
      const key = await poolKey(w)
      const count = paddingFamilies(Buffer.alloc(32)).length
      const tokens = Array.from({ length: count }, (_, n) =>
        forge(
          header(w),
          claims(w),
          padded(key, (hash) => paddingFamilies(hash)[n] as Buffer),
        ),
      )
      const bytes = tokens.map((token) => getFrom('/currenttime/mcp', [bearer(token)]))
      return w.gateway.raw(Buffer.concat(bytes), { answers: count })
    },
    status: 401,
    backend: 'nothing',
    check: (answers) => {
      const refusals = answers.filter(({ status, body }) => status === 401 && body.includes('token_signature')).length
      return answers.length > 120 && refusals === answers.length ? undefined : `${refusals} of ${answers.length} were refused`
    },
  },
  bad('181', 'a good token made 9 KB long', (w) => w.token({ filler: 'x'.repeat(7000) })),
  bad('181', '15 KB of garbage', () => 'a.'.repeat(7500)),
]

const CLAIMS: Case[] = [
  withClaims('166', 'no exp', { exp: undefined }),
  ...[0, -1, -59, -61].map((seconds) => withClaims('168', `exp ${seconds} s from now`, () => ({ iat: now() - 600, exp: now() + seconds }))),
  ...['9999999999', null, [9999999999], Number.MAX_SAFE_INTEGER].map((exp) => withClaims('168', `exp ${JSON.stringify(exp)}`, { exp })),
  withClaims('169', 'nbf in 100 s', () => ({ nbf: now() + 100 })),
  withClaims('170', 'iat tomorrow', () => ({ iat: now() + 86_400, exp: now() + 90_000 })),
  withClaims('170', 'iat in 90 s', () => ({ iat: now() + 90 })),
  withClaims('170', 'no iat', { iat: undefined }),
  ...['/', ':80', '#', '?x', '%20', ' ', '\u0000'].map((end) =>
    bad('173', `iss with ${JSON.stringify(end)} behind it`, (w) => w.token({ iss: `${w.gateway.issuer.issuer}${end}` })),
  ),
  bad('172', 'another pool of the region', (w) => w.token({ iss: w.gateway.issuer.issuer.replace('TestPool1', 'TestPool2') })),
  bad('173', 'iss in upper case', (w) => w.token({ iss: w.gateway.issuer.issuer.toUpperCase() })),
  bad('173', 'iss as an array', (w) => w.token({ iss: [w.gateway.issuer.issuer] })),
  ...[undefined, null, '', '__proto__'].map((iss) => withClaims('173', `iss ${JSON.stringify(iss)}`, { iss })),
  withClaims('175', 'an ID token', { token_use: 'id', aud: 'agent', client_id: undefined, 'cognito:username': 'rosa' }),
  ...[undefined, 'refresh', 'id', ['access'], 'ACCESS', null].map((use) =>
    withClaims('176', `token_use ${JSON.stringify(use)}`, { token_use: use }),
  ),
  ...['other', undefined, ['agent'], 'Agent', 'agent ', 'agent,web', '', '__proto__', null].map((id) =>
    withClaims('177', `client_id ${JSON.stringify(id)}`, { client_id: id }),
  ),
  withClaims('178', 'aud right, client_id wrong', { aud: 'agent', client_id: 'other' }),
  withClaims('178', 'bound to another resource', { aud: 'https://other.example/mcp' }),
  ...['admin', { 0: 'callers' }, [['callers']], [null], ['']].map((groups) =>
    withClaims('179', `groups ${JSON.stringify(groups)}`, { username: 'rosa', 'cognito:groups': groups }),
  ),
  ...['', ['rosa'], null].map((username) => withClaims('179', `username ${JSON.stringify(username)}`, { username })),
  {
    id: '179',
    name: '__proto__ in the payload has no effect',
    send: async (w) => {
      const { scope, ...rest } = claims(w)
      const payload = `{"__proto__":{"cognito:groups":["admins"],"username":"rosa"},"scope":"${scope}",${JSON.stringify(rest).slice(1)}`
      return postTo('/currenttime/mcp', [bearer(w.secret(forge(header(w), payload, rsa(await poolKey(w)))))])
    },
    status: 200,
    backend: { ...DELIVERED, caller: AGENT },
  },
  {
    id: '181',
    name: 'a good token of 7 KB',
    send: async (w) => postTo('/currenttime/mcp', [bearer(await w.token({ filler: 'x'.repeat(4500) }))]),
    status: 200,
    backend: DELIVERED,
  },
  {
    id: '157',
    name: 'all of these unknown keys have made for one fetch at the most',
    send: (w) => postTo('/currenttime/mcp', [w.agent]),
    status: 200,
    backend: DELIVERED,
    check: (_, { gateway }) => (gateway.issuer.fetches > 3 ? `${gateway.issuer.fetches} fetches` : undefined),
  },
]

runTable('tokens', [...ALGORITHMS, ...HEADERS, ...STRUCTURE, ...CLAIMS])
