/** Session cookies that this gate has not sealed for this purpose, for now, or not as the one credential. */
import { sealData } from 'iron-session'
import { createSealer } from '../../src/session/seal.ts'
import { SECRET_KEY } from '../support/gateway.ts'
import { now } from '../support/issuer.ts'
import { AGENT, ROSA } from './delivery.ts'
import { type Case, DELIVERED, postTo, runTable } from './table.ts'
import { bearer, COOKIE, cookie, type World } from './world.ts'

const OTHER_KEY = 'c0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5'

const refused = (id: string, name: string, headers: (w: World) => readonly string[] | Promise<readonly string[]>): Case => ({
  id,
  name,
  send: async (w) => postTo('/currenttime/mcp', await headers(w)),
  status: 401,
  backend: 'nothing',
  decisions: 1,
})

const accepted = (id: string, name: string, headers: (w: World) => Promise<readonly string[]>, caller = ROSA): Case => ({
  id,
  name,
  send: async (w) => postTo('/currenttime/mcp', await headers(w)),
  status: 200,
  backend: { ...DELIVERED, caller },
})

const sealed = (id: string, name: string, make: (w: World) => Promise<string>): Case =>
  refused(id, name, async (w) => [cookie(w.secret(await make(w)))])

const SESSION = (): Record<string, unknown> => ({
  id: 'f0000000-0000-4000-8000-000000000000',
  username: 'rosa',
  clientId: 'web',
  groups: ['admins'],
  issuedAt: now(),
  expiresAt: now() + 3600,
})

/** A seal of the right key that holds something else than a session. */
const holding = (data: Record<string, unknown>): Promise<string> => createSealer([SECRET_KEY]).seal('session', data)

function changed(seal: string, at: number): string {
  const [body = '', suffix] = seal.split('~')
  const parts = body.split('*')
  const part = parts[at] ?? ''
  const middle = part.length >> 1
  parts[at] = part === '' ? 'A' : `${part.slice(0, middle)}${part[middle] === 'A' ? 'B' : 'A'}${part.slice(middle + 1)}`
  return `${parts.join('*')}~${suffix}`
}

const SEALS: Case[] = [
  refused('186', 'no cookie', () => []),
  refused('186', 'an empty cookie header', () => ['Cookie:']),
  refused('186', 'an empty session cookie', () => [cookie('')]),
  refused('186', 'a name alone', () => [`Cookie: ${COOKIE}`]),
  ...['{}', 'null', '""', 'deleted', 'Fe26.2*', 'Fe26.2*1*********~2', `${'*'.repeat(3000)}`, '%00', '~2'].map((value) =>
    refused('186', `the value ${value.slice(0, 20)}`, () => [cookie(value)]),
  ),
  sealed('186', 'a sealed empty object', () => sealData({}, { password: SECRET_KEY, ttl: 0 })),
  sealed('186', 'a sealed session without anything', () => holding({})),
  sealed('187', 'a seal of another key', () => createSealer([OTHER_KEY]).seal('session', SESSION())),
  sealed('187', 'a seal of another key that names the right one', async (w) => {
    const id = (await w.seal()).split('*')[1] as string
    return sealData({ purpose: 'session', data: SESSION() }, { password: { [id]: OTHER_KEY }, ttl: 0 })
  }),
  sealed('187', 'a seal of the right key under the number 1', () =>
    sealData({ purpose: 'session', data: SESSION() }, { password: { 1: SECRET_KEY }, ttl: 0 }),
  ),
  ...Array.from({ length: 8 }, (_, at) => sealed('188', `part ${at + 1} of the seal changed`, async (w) => changed(await w.seal(), at))),
  sealed('188', 'a part too many', async (w) => (await w.seal()).replace('~2', '*x~2')),
  sealed('188', 'a part too few', async (w) => (await w.seal()).replace(/\*[^*]*~2$/, '~2')),
  sealed('188', 'another format', async (w) => (await w.seal()).replace('Fe26.2', 'Fe26.1')),
  sealed('188', 'the parts of two seals', async (w) => {
    const [one = [], two = []] = [(await w.seal()).split('*'), (await w.seal(['admins'])).split('*')]
    return [...one.slice(0, 4), ...two.slice(4)].join('*')
  }),
  ...['__proto__', 'constructor', '0', '-1', '1e9', '99999999999999999999'].map((id) =>
    sealed('188', `a seal that names the key ${id}`, async (w) => (await w.seal()).replace(/\*[^*]*\*/, `*${id}*`)),
  ),
  sealed('188', 'a seal cut in half', async (w) => (await w.seal()).slice(0, 200)),
  ...[0, -1, -59, -61].map((seconds) =>
    sealed('191', `a session that ended ${-seconds} s ago`, (w) => w.seal(['callers'], 'rosa', seconds)),
  ),
  sealed('191', 'a session without an end', () => holding({ ...SESSION(), expiresAt: undefined })),
  sealed('191', 'a session whose end is a text', () => holding({ ...SESSION(), expiresAt: '9999999999' })),
  sealed('193', 'a seal for another purpose', () => createSealer([SECRET_KEY]).seal('login', SESSION())),
  sealed('193', 'a seal without a purpose', () => sealData({ data: SESSION() }, { password: SECRET_KEY, ttl: 0 })),
  sealed('193', 'a bare session without purpose and key number', () => sealData(SESSION(), { password: SECRET_KEY, ttl: 0 })),
  ...[
    { groups: 'admins' },
    { groups: [null] },
    { groups: undefined },
    { username: '' },
    { username: ['rosa'] },
    { clientId: 7 },
    { id: '' },
  ].map((part) => sealed('193', `a session with ${JSON.stringify(part)}`, () => holding({ ...SESSION(), ...part }))),
  sealed('195', 'the suffix ~1', async (w) => (await w.seal()).replace(/~2$/, '~1')),
  sealed('195', 'no suffix', async (w) => (await w.seal()).replace(/~2$/, '')),
  sealed('195', 'two suffixes', async (w) => `${await w.seal()}~2`),
  sealed('198', 'a seal of 5 KB', () => holding({ ...SESSION(), filler: 'x'.repeat(3500) })),
]

const CARRIERS: Case[] = [
  ...['x', '__Host-mcp_gateway_session', 'MCP_GATEWAY_SESSION', ' mcp_gateway_session\t', 'mcp_gateway_session ', 'mcp_gateway_sessio'].map(
    (name) =>
      refused('197', `a good seal under the name ${JSON.stringify(name)}`, async (w) => [
        `Cookie: a=1; ${name.trim() === COOKIE ? `x${name}` : name}=${await w.seal()}`,
      ]),
  ),
  refused('197', 'two session cookies, good and planted', async (w) => [`Cookie: ${COOKIE}=${await w.seal()}; ${COOKIE}=planted`]),
  refused('197', 'two session cookies, planted and good', async (w) => [`Cookie: ${COOKIE}=planted; ${COOKIE}=${await w.seal()}`]),
  refused('197', 'two good session cookies', async (w) => [
    `Cookie: ${COOKIE}=${await w.seal()};${COOKIE}=${await w.seal(['callers'], 'otto')}`,
  ]),
  refused('197', 'two session cookies in two headers', async (w) => [cookie(await w.seal()), cookie('planted')]),
  refused('197', 'a good seal in quotes', async (w) => [`Cookie: ${COOKIE}="${await w.seal()}"`]),
  refused('197', 'a good seal behind a comma', async (w) => [`Cookie: a=1, ${COOKIE}=${await w.seal()}`]),
  refused('197', 'a good seal inside the value of another cookie', async (w) => [`Cookie: a="; ${COOKIE}x=${await w.seal()}"`]),
  accepted('197', 'a good seal among other cookies', async (w) => [`Cookie: a=1;${COOKIE}=${await w.seal()} ; b="x=y"; ${COOKIE}_2=z`]),
  accepted('197', 'a good seal, other cookies in another header', async (w) => ['Cookie: a=1', cookie(await w.seal())]),
  ...[4, 8, 15].map((size) => refused('198', `a session cookie of ${size} KB`, () => [cookie('x'.repeat(size * 1024))])),
  ...[17, 64].map(
    (size): Case => ({
      id: '198',
      name: `a cookie of ${size} KB`,
      send: postTo('/currenttime/mcp', [cookie('x'.repeat(size * 1024))]),
      status: [400, 401, 431],
      backend: 'nothing',
      decisions: 0,
    }),
  ),
  {
    id: '198',
    name: 'three cookies of 10 KB each are the fault of the client',
    send: postTo(
      '/currenttime/mcp',
      ['a', 'b', 'c'].map((name) => `Cookie: ${name}=${'x'.repeat(10 * 1024)}`),
    ),
    status: [400, 401, 431],
    backend: 'nothing',
  },
  refused('199', 'a good cookie and a bad token', async (w) => [cookie(await w.seal()), bearer('bad')]),
  refused('199', 'a good cookie and another scheme', async (w) => [cookie(await w.seal()), 'Authorization: Basic eDp5']),
  refused('199', 'a good cookie and an expired token', async (w) => [
    cookie(await w.seal()),
    bearer(await w.token({ iat: now() - 600, exp: now() - 1 })),
  ]),
  accepted('199', 'a bad cookie and a good token: the token decides', async (w) => [cookie('bad'), w.agent], AGENT),
  accepted('199', 'two callers at once: the token decides', async (w) => [cookie(await w.seal(['admins'], 'otto')), w.agent], AGENT),
  refused('199', 'a good seal as a token', async (w) => [bearer(await w.seal())]),
  refused('199', 'a good token as a cookie', (w) => [cookie(w.agent.slice('Authorization: Bearer '.length))]),
  ...['https://evil.example', 'null', 'http://localhost', 'http://localhost:1', 'file://'].map(
    (origin): Case => ({
      id: '136',
      name: `a good cookie from a page of ${origin}`,
      send: async (w) => postTo('/currenttime/mcp', [cookie(await w.seal()), `Origin: ${origin}`]),
      status: 403,
      backend: 'nothing',
    }),
  ),
]

runTable('session cookies', [accepted('186', 'a good session', async (w) => [cookie(await w.seal())]), ...SEALS, ...CARRIERS])

runTable(
  'after the key was replaced',
  [
    accepted('200', 'a session of the old key, which is still listed', async (w) => [cookie(await w.seal())]),
    accepted('200', 'a session of the new key', async (w) => {
      const seal = await createSealer([OTHER_KEY]).seal('session', { ...SESSION(), groups: ['callers'] })
      return [cookie(w.secret(seal))]
    }),
  ],
  { env: { SECRET_KEY: `${OTHER_KEY} ${SECRET_KEY}` } },
)

runTable('after the old key was removed', [refused('200', 'a session of the old key', async (w) => [cookie(await w.seal())])], {
  env: { SECRET_KEY: OTHER_KEY },
})
