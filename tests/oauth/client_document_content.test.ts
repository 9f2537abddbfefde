import { isDocumentUrl } from '../../src/oauth/client_document.ts'
import { readDocument } from '../../src/oauth/client_document_content.ts'
import { cleanClientName } from '../../src/oauth/client_name.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const content = suite('what a client document says')

const ID = 'https://client.example/oauth/metadata.json'
const LEAST = { client_id: ID, redirect_uris: ['http://127.0.0.1/callback'] }
const read = (document: unknown, id = ID) =>
  readDocument(Buffer.from(typeof document === 'string' ? document : JSON.stringify(document)), id)

content('the example of the MCP spec is read, and nothing but the checked members leaves', () => {
  const document = {
    client_id: ID,
    client_name: 'Example MCP Client',
    client_uri: 'https://client.example',
    logo_uri: 'https://client.example/logo.png',
    redirect_uris: ['http://127.0.0.1:3000/callback', 'http://localhost:3000/callback'],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    scope: 'everything',
    redirectUris: ['https://evil.example/'],
    isAdmin: true,
  }
  assert.equal(read(document), {
    ok: true,
    value: {
      clientId: ID,
      name: 'Example MCP Client',
      uri: 'https://client.example/',
      redirectUris: ['http://127.0.0.1:3000/callback', 'http://localhost:3000/callback'],
    },
  })
})

/** The members that count in what these clients publish. */
const PUBLISHED: [id: string, Record<string, unknown>][] = [
  [
    'https://claude.ai/oauth/claude-code-client-metadata',
    { redirect_uris: ['http://localhost/callback', 'http://127.0.0.1/callback'], token_endpoint_auth_method: 'none' },
  ],
  [
    'https://claude.ai/oauth/mcp-oauth-client-metadata',
    {
      redirect_uris: ['https://claude.ai/api/mcp/auth_callback'],
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:jwt-bearer'],
      token_endpoint_auth_method: 'none',
    },
  ],
  [
    'https://vscode.dev/oauth/client-metadata.json',
    {
      redirect_uris: ['http://127.0.0.1:33418/', 'https://vscode.dev/redirect'],
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
    },
  ],
  [
    'https://chatgpt.com/oauth/client.json',
    {
      redirect_uris: ['https://chatgpt.com/connector_platform_oauth_redirect'],
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
      token_endpoint_auth_signing_alg: 'RS256',
      jwks_uri: 'https://chatgpt.com/oauth/jwks.json',
    },
  ],
]
for (const [id, members] of PUBLISHED) {
  content(`${id} is taken`, () => {
    assert.is(isDocumentUrl(id), true)
    assert.is(read({ client_id: id, ...members }, id).ok, true)
  })
}

content('id and redirect URIs are enough', () => {
  assert.equal(read(LEAST), { ok: true, value: { clientId: ID, name: null, uri: null, redirectUris: ['http://127.0.0.1/callback'] } })
})

const FINE: [string, Record<string, unknown>][] = [
  [
    'redirect URIs of every scheme',
    { redirect_uris: ['cursor://anysphere.cursor-retrieval/oauth/callback', 'com.example.app:/callback', 'https://client.example/cb?a=b'] },
  ],
  ['20 redirect URIs', { redirect_uris: Array.from({ length: 20 }, (_, index) => `http://127.0.0.1/${index}`) }],
  ['a redirect URI of 512 characters', { redirect_uris: [`https://client.example/${'a'.repeat(512 - 23)}`] }],
  ['more grants than the one', { grant_types: ['refresh_token', 'authorization_code'] }],
  ['more response types than the one', { response_types: ['code', 'code id_token'] }],
  [
    'members that are null',
    { client_name: null, client_uri: null, grant_types: null, response_types: null, token_endpoint_auth_method: null },
  ],
  [
    'keys that the client can do without',
    { token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_methods_supported: ['private_key_jwt', 'none'] },
  ],
  ['public keys', { jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'a', y: 'b' }] } }],
  ['odd keys', { jwks: { keys: [null, 1, 'd'] } }],
  ['keys that are none', { jwks: 'd' }],
  ['unknown members', { 'x-whatever': { deep: [{}] } }],
]
for (const [name, more] of FINE) content(`${name} are fine`, () => assert.is(read({ ...LEAST, ...more }).ok, true))

const WRONG: [string, Record<string, unknown>, RegExp][] = [
  ['no redirect URIs', { redirect_uris: undefined }, /it has no redirect_uris/],
  ['an empty list of them', { redirect_uris: [] }, /it has no redirect_uris/],
  ['one that is not in a list', { redirect_uris: 'http://127.0.0.1/' }, /it has no redirect_uris/],
  ['something like a list', { redirect_uris: { 0: 'http://127.0.0.1/', length: 1 } }, /it has no redirect_uris/],
  ['21 of them', { redirect_uris: Array(21).fill('http://127.0.0.1/') }, /more than 20/],
  ['one that is a number', { redirect_uris: ['http://127.0.0.1/', 1] }, /redirect_uris\[1\]/],
  ['one within a list', { redirect_uris: [['http://127.0.0.1/']] }, /redirect_uris\[0\]/],
  ['one that is empty', { redirect_uris: [''] }, /redirect_uris\[0\]/],
  ['one that is relative', { redirect_uris: ['/callback'] }, /redirect_uris\[0\]/],
  ['one without anything behind the scheme', { redirect_uris: ['https:'] }, /redirect_uris\[0\]/],
  ['one with a line break', { redirect_uris: ['http://127.0.0.1/\r\nx: y'] }, /redirect_uris\[0\]/],
  ['one with a final line break', { redirect_uris: ['http://127.0.0.1/\n'] }, /redirect_uris\[0\]/],
  ['one with a space', { redirect_uris: ['http://127.0.0.1/ x'] }, /redirect_uris\[0\]/],
  ['one beyond ASCII', { redirect_uris: ['https://client.example/\u202e'] }, /redirect_uris\[0\]/],
  ['one of 513 characters', { redirect_uris: [`https://client.example/${'a'.repeat(512 - 22)}`] }, /redirect_uris\[0\]/],
  ['a name that is no string', { client_name: ['a'] }, /client_name is not a string/],
  ['a home page that is no string', { client_uri: 1 }, /client_uri is not a string/],
  ['a secret', { client_secret: 'hush' }, /holds client_secret, which/],
  ['an empty secret', { client_secret: null }, /holds client_secret, which/],
  ['the end of a secret', { client_secret_expires_at: 0 }, /holds client_secret_expires_at/],
  ['client_secret_post', { token_endpoint_auth_method: 'client_secret_post' }, /must be "none"/],
  ['client_secret_basic', { token_endpoint_auth_method: 'client_secret_basic' }, /must be "none"/],
  ['client_secret_jwt', { token_endpoint_auth_method: 'client_secret_jwt' }, /must be "none"/],
  ['private_key_jwt', { token_endpoint_auth_method: 'private_key_jwt' }, /private_key_jwt, which is not supported/],
  [
    'private_key_jwt or a secret',
    { token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_methods_supported: ['private_key_jwt', 'client_secret_post'] },
    /private_key_jwt, which is not supported/,
  ],
  [
    'a secret or nothing',
    { token_endpoint_auth_method: 'client_secret_post', token_endpoint_auth_methods_supported: ['none'] },
    /must be "none"/,
  ],
  ['an unknown method', { token_endpoint_auth_method: 'None' }, /must be "none"/],
  ['a list of methods', { token_endpoint_auth_method: ['none'] }, /must be "none"/],
  ['grants without the one', { grant_types: ['client_credentials'] }, /grant_types do not include "authorization_code"/],
  ['grants that are a word', { grant_types: 'authorization_code' }, /grant_types do not include/],
  ['response types without the one', { response_types: ['token'] }, /response_types do not include "code"/],
  [
    'a private key',
    {
      jwks: {
        keys: [
          { kty: 'EC', x: 'a', y: 'b' },
          { kty: 'EC', x: 'a', y: 'b', d: 'c' },
        ],
      },
    },
    /not public/,
  ],
  ['a symmetric key', { jwks: { keys: [{ kty: 'oct', k: 'c' }] } }, /not public/],
]
for (const [name, more, detail] of WRONG) {
  content(`${name}: the document is not valid`, () => {
    const found = read({ ...LEAST, ...more })
    assert.ok(!found.ok)
    assert.is(found.reason, 'document_invalid')
    assert.match(found.detail, detail)
    assert.not.match(found.detail, /hush|127\.0\.0\.1/)
  })
}

const OTHER_IDS: [string, unknown][] = [
  ['no id', undefined],
  ['null', null],
  ['a list of the id', [ID]],
  ['a slash more', `${ID}/`],
  ['a slash less', ID.slice(0, -1)],
  ['capitals in the host', ID.replace('client', 'Client')],
  ['capitals in the path', ID.replace('oauth', 'OAuth')],
  ['the port written out', ID.replace('.example', '.example:443')],
  ['an escape', ID.replace('oauth', '%6fauth')],
  ['a query more', `${ID}?`],
  ['a fragment more', `${ID}#`],
  ['a space more', `${ID} `],
  ['another host', ID.replace('client.', 'other.')],
  ['http', ID.replace('https', 'http')],
  ['a letter that looks alike', ID.replace('client', 'cl\u0456ent')],
]
for (const [name, id] of OTHER_IDS) {
  content(`${name}: the document is another client's`, () => {
    const found = read({ ...LEAST, client_id: id, client_secret: 'x' })
    assert.ok(!found.ok)
    assert.is(found.reason, 'client_id_mismatch')
  })
}

content('the order of a query counts', () => {
  assert.is(read({ ...LEAST, client_id: `${ID}?a=1&b=2` }, `${ID}?a=1&b=2`).ok, true)
  assert.is(read({ ...LEAST, client_id: `${ID}?b=2&a=1` }, `${ID}?a=1&b=2`).ok, false)
})

const NOT_JSON: [string, string | Uint8Array][] = [
  ['nothing', ''],
  ['a page', '<!doctype html>'],
  ['half of a document', JSON.stringify(LEAST).slice(0, -1)],
  ['two documents', JSON.stringify(LEAST).repeat(2)],
  ['a comment', `/* a */${JSON.stringify(LEAST)}`],
  ['a list', JSON.stringify([LEAST])],
  ['null', 'null'],
  ['a string', JSON.stringify(ID)],
  ['deep lists', `${'['.repeat(2560)}${']'.repeat(2560)}`],
  ['lists without end', '['.repeat(5120)],
  ['UTF-8 that is none', Buffer.concat([Buffer.from('{"client_name":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')])],
  ['a surrogate in UTF-8', Buffer.concat([Buffer.from('{"client_name":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')])],
  ['UTF-16', Buffer.from(JSON.stringify(LEAST), 'utf16le')],
]
for (const [name, body] of NOT_JSON) {
  content(`${name} is not a JSON object in UTF-8`, () => {
    const found = readDocument(Buffer.from(body), ID)
    assert.ok(!found.ok)
    assert.is(found.reason, 'not_json')
  })
}

content('deep members that nobody reads do no harm', () => {
  const deep = `${'{"a":'.repeat(400)}1${'}'.repeat(400)}`
  assert.is(read(`{"x":${deep},${JSON.stringify(LEAST).slice(1)}`).ok, true)
})

content('members named like those of every object change nothing', () => {
  const text = `{"__proto__":{"client_name":"Evil","client_secret":"x"},"constructor":{"prototype":{"polluted":1}},"hasOwnProperty":1,"toString":2,${JSON.stringify(LEAST).slice(1)}`
  const found = read(text)
  assert.ok(found.ok)
  assert.is(found.value.name, null)
  assert.is(Object.getPrototypeOf(found.value), Object.prototype)
  assert.is(({} as Record<string, unknown>).polluted, undefined)
})

content('an id and redirect URIs that are inherited do not count', () => {
  const found = read(`{"__proto__":${JSON.stringify(LEAST)}}`)
  assert.ok(!found.ok)
  assert.is(found.reason, 'client_id_mismatch')
})

content('what other code has put into every object does not count', () => {
  Object.assign(Object.prototype, { client_name: 'Evil', redirect_uris: ['https://evil.example/'] })
  const found = [read(LEAST), read({ client_id: ID })]
  for (const name of ['client_name', 'redirect_uris']) delete (Object.prototype as Record<string, unknown>)[name]
  assert.equal(
    found.map((one) => (one.ok ? one.value.name : one.reason)),
    [null, 'document_invalid'],
  )
})

content('of a member that comes twice, the last one counts', () => {
  const found = read(`{"client_id":"https://other.example/a",${JSON.stringify(LEAST).slice(1)}`)
  assert.is(found.ok, true)
  assert.is(read(`${JSON.stringify(LEAST).slice(0, -1)},"redirect_uris":[]}`).ok, false)
})

const HOMES: [string, string | null][] = [
  ['https://client.example', 'https://client.example/'],
  ['https://client.example/product?a=b', 'https://client.example/product?a=b'],
  ['https://other.example/', null],
  ['https://sub.client.example/', null],
  ['https://client.example.evil.example/', null],
  ['https://client.example@evil.example/', null],
  ['https://u:p@client.example/', null],
  ['https://client.example:8443/', null],
  ['http://client.example/', null],
  ['javascript:alert(1)//https://client.example', null],
  ['https://client.example/\u202e', null],
  ['//client.example', null],
  ['', null],
]
for (const [uri, shown] of HOMES) {
  content(`a home page ${JSON.stringify(uri)} ${shown === null ? 'is left out' : 'is kept'}`, () => {
    const found = read({ ...LEAST, client_uri: uri })
    assert.ok(found.ok)
    assert.is(found.value.uri, shown)
  })
}

const NAMES: [string, string | null][] = [
  ['Claude Code', 'Claude Code'],
  ['  two   spaces\u00a0and\u3000wide ', 'two spaces and wide'],
  ['line\r\nbreak\u2028and\u2029paragraph\ttab', 'line break and paragraph tab'],
  ['\u001b[31mred\u0007', '[31mred'],
  ['evil\u202eedoc', 'eviledoc'],
  ['\u2066isolated\u2069', 'isolated'],
  ['zero\u200bwidth\u200d\ufeff\u2060\u00ad', 'zerowidth'],
  ['tags\u{e0041}\u{e0042}', 'tags'],
  ['half\ud800', 'half'],
  ['own\ue000\u{f0000}', 'own'],
  ['hangul\u3164\u115ffiller', 'hangulfiller'],
  // The first mark and its letter are one character.
  [`Z${'\u0301'.repeat(50)}algo`, '\u0179\u0301\u0301algo'],
  ['Bücher 日本語 😀', 'Bücher 日本語 😀'],
  ['<b>&amp;"\'', "<b>&amp; '"],
  ['Claude” is known. “It', 'Claude is known. It'],
  ['ＣＬＡＵＤＥ', 'CLAUDE'],
  ['\u2800', null],
  ['', null],
  [' \u200b\n', null],
  ['\u0301\u0301', null],
  ['a'.repeat(100), 'a'.repeat(64)],
  ['😀'.repeat(100), '😀'.repeat(64)],
  [`${'a'.repeat(63)} b`, 'a'.repeat(63)],
]
for (const [text, shown] of NAMES) {
  content(`a client that calls itself ${JSON.stringify(text).slice(0, 60)} is shown as ${JSON.stringify(shown)?.slice(0, 40)}`, () => {
    assert.is(cleanClientName(text), shown)
    const found = read({ ...LEAST, client_name: text })
    assert.ok(found.ok)
    assert.is(found.value.name, shown)
  })
}

content('a name that was cleaned stays as it is, whatever it is made of', () => {
  const pieces = [
    ...'aeçÅ가ᄀ ᆨ\u0301\u0323\u0327\u0308\u0345\u200b\u200d\u00ad\u034f"“\u2800\u212bﬁⅨ㎏\u0344\u0fb5 \ud800z',
    '\u{1d15e}',
    '\u{1f600}',
  ]
  let seed = 7
  const pick = (count: number): number => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed % count
  }
  for (let count = 0; count < 30_000; count += 1) {
    const text = Array.from({ length: 1 + pick(12) }, () => pieces[pick(pieces.length)]).join('')
    const clean = cleanClientName(text)
    if (clean !== null) assert.is(cleanClientName(clean), clean, JSON.stringify(text))
  }
  assert.is(cleanClientName('Cafe\u200b\u0301'), 'Café')
})

content.run()
