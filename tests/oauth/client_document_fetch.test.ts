import type { RequestListener } from 'node:http'
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { createClientDocuments, type DocumentFailure, type FoundDocument } from '../../src/oauth/client_document.ts'
import { INTERNET, type Network } from '../../src/oauth/client_document_fetch.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { type DocumentHost, documentsOf, makeCertificate, sendJson, startDocumentHost } from './document_host.ts'

const fetching = suite('getting a client document')

const certificate = makeCertificate()
let host: DocumentHost

fetching.before(async () => {
  host = await startDocumentHost(certificate)
})
fetching.after(() => host.close())
fetching.before.each(() => {
  host.seen.length = 0
  host.lookups.length = 0
  host.answer = documentsOf('client.example')
})

const URL_OF = 'https://client.example/metadata.json'
const get = (url = URL_OF, network: Partial<Network> = {}): Promise<FoundDocument> =>
  createClientDocuments({ hosts: '*', now: () => 1_800_000_000, network: { ...host.network, ...network } }).get(url)

async function refused(reason: DocumentFailure, detail: RegExp, network: Partial<Network> = {}, url = URL_OF): Promise<void> {
  const found = await get(url, network)
  assert.ok(!found.ok, 'it was taken')
  assert.is(found.reason, reason, found.detail)
  assert.match(found.detail, detail)
}

/** Connections end when their last byte is through, which is soon. */
async function allClosed(): Promise<void> {
  for (let waited = 0; host.connections() > 0 && waited < 1000; waited += 10) await new Promise((done) => setTimeout(done, 10))
  assert.is(host.connections(), 0, 'connections that are left open')
}

fetching('it is asked for once, plainly, with the right name in TLS and HTTP, and the connection is closed', async () => {
  const url = `${URL_OF}?a=1&b=%20`
  const found = await get(url)
  assert.ok(found.ok, JSON.stringify(found))
  assert.is(found.value.clientId, url)
  assert.is(host.seen.length, 1)
  const [{ url: path, method, headers, servername }] = host.seen as [(typeof host.seen)[number]]
  assert.equal([method, path, servername], ['GET', '/metadata.json?a=1&b=%20', 'client.example'])
  assert.equal(headers, {
    host: 'client.example',
    accept: 'application/json',
    'accept-encoding': 'identity',
    'user-agent': 'gatehouse',
    connection: 'close',
  })
  assert.equal(host.lookups, ['client.example'])
  await allClosed()
})

for (const type of [
  'application/json',
  'application/json; charset=utf-8',
  'Application/JSON;charset=UTF-8',
  'application/oauth-client+json',
  'application/vnd.a.b+json ; q=1',
])
  fetching(`the content type ${type} is fine`, async () => {
    host.answer = documentsOf('client.example', {}, { 'content-type': type })
    assert.is((await get()).ok, true)
  })

fetching('a document of exactly 5 KB is taken, with a length or in chunks, and one byte more is not', async () => {
  const document = { client_id: URL_OF, redirect_uris: ['http://127.0.0.1/'], pad: '' }
  const sized = (bytes: number): string => JSON.stringify({ ...document, pad: 'a'.repeat(bytes - JSON.stringify(document).length) })
  for (const chunked of [false, true]) {
    for (const bytes of [5120, 5121]) {
      const text = sized(bytes)
      assert.is(text.length, bytes)
      host.answer = (_request, response) => sendJson(response, text, chunked ? {} : { 'content-length': String(bytes) })
      const found = await get()
      assert.is(found.ok ? 'taken' : found.reason, bytes === 5120 ? 'taken' : 'too_large', `${bytes} bytes`)
    }
  }
})

const write =
  (status: number, headers: Record<string, string | string[]>, body: string | Uint8Array = ''): RequestListener =>
  (_request, response) => {
    response.writeHead(status, headers)
    response.end(body)
  }
const json = { 'content-type': 'application/json' }
const good = JSON.stringify({ client_id: URL_OF, redirect_uris: ['http://127.0.0.1/'] })

const ANSWERS: [string, RequestListener, DocumentFailure, RegExp][] = [
  ['status 404', write(404, json, good), 'unreachable', /status 404$/],
  [
    'a filter against robots',
    write(403, { 'content-type': 'text/html' }, '<!doctype html>'),
    'unreachable',
    /status 403; its host may keep out machines of this network$/,
  ],
  ['status 500', write(500, json, good), 'unreachable', /status 500$/],
  ['status 201', write(201, json, good), 'unreachable', /status 201$/],
  ['status 203', write(203, json, good), 'unreachable', /status 203$/],
  ['status 204', write(204, {}), 'unreachable', /status 204$/],
  ['status 206', write(206, json, good), 'unreachable', /status 206$/],
  ['status 304', write(304, json), 'unreachable', /status 304/],
  ...[301, 302, 303, 307, 308].map((status): [string, RequestListener, DocumentFailure, RegExp] => [
    `a redirect by ${status}`,
    write(status, { ...json, location: 'https://client.example/other.json' }, good),
    'unreachable',
    /redirects are not followed/,
  ]),
  [
    'a redirect to the metadata of EC2',
    write(302, { location: 'http://169.254.169.254/latest/meta-data/' }),
    'unreachable',
    /not followed/,
  ],
  ['no content type', write(200, {}, good), 'not_json', /content type/],
  ['a page', write(200, { 'content-type': 'text/html' }, good), 'not_json', /content type/],
  ['JSON as text', write(200, { 'content-type': 'text/json' }, good), 'not_json', /content type/],
  ['something like JSON', write(200, { 'content-type': 'application/jsonp' }, good), 'not_json', /content type/],
  ['several types', write(200, { 'content-type': 'text/html, application/json' }, good), 'not_json', /content type/],
  ['gzip', write(200, { ...json, 'content-encoding': 'gzip' }, gzipSync(good)), 'not_json', /compressed/],
  ['brotli by name alone', write(200, { ...json, 'content-encoding': 'br' }, good), 'not_json', /compressed/],
  ['gzip that is not said', write(200, json, gzipSync(good)), 'not_json', /not a JSON object/],
  ['a bomb of gzip', write(200, { ...json, 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(10_000_000))), 'not_json', /compressed/],
  ['a length beyond the limit', write(200, { ...json, 'content-length': '6000' }, 'x'.repeat(6000)), 'too_large', /larger than 5120 bytes/],
  ['a head beyond the limit', write(200, { ...json, 'x-pad': 'a'.repeat(12_000) }, good), 'too_large', /head of its answer/],
  ['many lines in its head', write(200, { ...json, 'x-pad': Array<string>(1500).fill('a') }, good), 'too_large', /head of its answer/],
  ['invalid UTF-8', write(200, json, Buffer.from([0x22, 0xff, 0x22])), 'not_json', /UTF-8/],
  ['another client', write(200, json, good.replace('metadata', 'other')), 'client_id_mismatch', /its client_id/],
]
for (const [name, answer, reason, detail] of ANSWERS) {
  fetching(`${name}: ${reason}, after one request`, async () => {
    host.answer = answer
    await refused(reason, detail)
    assert.is(host.seen.length, 1)
    await allClosed()
  })
}

fetching('a body without end is left after 5 KB', async () => {
  let sent = 0
  host.answer = (_request, response) => {
    response.writeHead(200, json)
    const more = (): void => {
      while (!response.destroyed && response.write('a'.repeat(1024))) sent += 1024
    }
    response.on('drain', more)
    more()
  }
  await refused('too_large', /larger than 5120 bytes/)
  await allClosed()
  assert.ok(sent < 4_000_000, `${sent} bytes were sent`)
})

/** Answers in raw bytes, below HTTP. */
const raw =
  (speak: (socket: Socket) => void): RequestListener =>
  (request) =>
    speak(request.socket)

const SLOW: [string, RequestListener][] = [
  ['no answer', () => {}],
  ['a head in drops', raw((socket) => drip(socket, 'HTTP/1.1 200 OK\r\nx: '))],
  ['a body in drops', raw((socket) => drip(socket, 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{'))],
  ['interim answers without end', raw((socket) => drip(socket, '', 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'))],
  [
    'a chunk in drops',
    raw((socket) => drip(socket, 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n', '1\r\na\r\n')),
  ],
]
function drip(socket: Socket, first: string, drop = 'a'): void {
  socket.write(first)
  const timer = setInterval(() => socket.write(drop), 20)
  socket.on('close', () => clearInterval(timer))
  socket.on('error', () => {})
}
for (const [name, answer] of SLOW) {
  fetching(`${name}: it is over when the time is over`, async () => {
    host.answer = answer
    const started = performance.now()
    await refused('unreachable', /no whole answer within 300 ms/, { timeout: 300 })
    const took = performance.now() - started
    assert.ok(took >= 290 && took < 1500, `${took} ms`)
    await allClosed()
  })
}

const BROKEN: [string, RequestListener, RegExp][] = [
  ['a connection that ends at once', raw((socket) => socket.destroy()), /no answer \(ECONNRESET\)/],
  [
    'a body that ends early',
    raw((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{')),
    /ECONNRESET/,
  ],
  [
    'chunks that end early',
    raw((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n')),
    /ECONNRESET/,
  ],
  ['an answer that is not HTTP', raw((socket) => socket.end('hello\r\n\r\n')), /no answer \(HPE_/],
  [
    'two lengths',
    raw((socket) => socket.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{} `)),
    /HPE_/,
  ],
  [
    'another protocol',
    raw((socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n')),
    /no answer/,
  ],
]
for (const [name, answer, detail] of BROKEN) {
  fetching(`${name}: unreachable`, async () => {
    host.answer = answer
    await refused('unreachable', detail)
    await allClosed()
  })
}

fetching('a certificate of another name, or of nobody known, is refused before anything is asked', async () => {
  await refused('unreachable', /ERR_TLS_CERT_ALTNAME_INVALID/, {}, 'https://other.example/metadata.json')
  await refused('unreachable', /CERT/, { ca: makeCertificate().cert })
  const { NODE_TLS_REJECT_UNAUTHORIZED: before } = process.env
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  await refused('unreachable', /ERR_TLS_CERT_ALTNAME_INVALID/, {}, 'https://other.example/metadata.json')
  if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
  assert.is(host.seen.length, 0)
})

fetching('proxies of the environment are not asked', async () => {
  const names = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'ALL_PROXY']
  for (const name of names) process.env[name] = 'http://127.0.0.1:1/'
  process.env.NODE_USE_ENV_PROXY = '1'
  const found = await get()
  for (const name of [...names, 'NODE_USE_ENV_PROXY']) delete process.env[name]
  assert.is(found.ok, true)
})

fetching('a host where nobody listens is unreachable', () => refused('unreachable', /no answer \(ECONNREFUSED\)/, { port: 1 }))

const RESOLVERS: [string, Network['resolve'], DocumentFailure, RegExp][] = [
  ['no such name', () => Promise.reject(Object.assign(new Error('x'), { code: 'ENOTFOUND' })), 'unreachable', /not resolved \(ENOTFOUND\)/],
  [
    'a resolver that throws',
    () => {
      throw new Error('secret words')
    },
    'unreachable',
    /not resolved \(no reason known\)/,
  ],
  ['no address', async () => [], 'unreachable', /has no address/],
  ['a resolver that never answers', () => new Promise(() => {}), 'unreachable', /within 300 ms/],
]
for (const [name, resolve, reason, detail] of RESOLVERS)
  fetching(`${name}: ${reason}`, () => refused(reason, detail, { resolve, timeout: 300 }))

const PRIVATE_ANSWERS: [string, string[]][] = [
  ['127.0.0.1.nip.io', ['127.0.0.1']],
  ['metadata.client.example', ['169.254.169.254']],
  ['intranet.client.example', ['10.1.2.3']],
  ['vpc.client.example', ['100.64.0.1']],
  ['loopback6.client.example', ['::1']],
  ['mapped.client.example', ['::ffff:127.0.0.1']],
  ['nat64.client.example', ['64:ff9b::a00:1']],
  ['ec2.client.example', ['fd00:ec2::254']],
  ['mixed.client.example', ['93.184.215.14', '127.0.0.1']],
  ['mixed6.client.example', ['93.184.215.14', '2606:4700::1', 'fe80::1']],
  ['late.client.example', [...Array<string>(50).fill('93.184.215.14'), '192.168.0.1']],
  ['unspecified.client.example', ['0.0.0.0']],
]
for (const [name, addresses] of PRIVATE_ANSWERS) {
  fetching(`${name} that leads to ${addresses.at(-1)} is not asked`, async () => {
    const { isPublic } = INTERNET
    await refused('address_not_public', /not public$/, { resolve: async () => addresses, isPublic }, `https://${name}/metadata.json`)
    assert.is(host.seen.length, 0)
    assert.is(host.connections(), 0)
  })
}

fetching('a name that turns private after the check is not followed: one look-up, and the connection goes where it led', async () => {
  const { port } = host.network
  const victim = await startDocumentHost(certificate, '127.0.0.2', port)
  victim.answer = documentsOf('client.example')
  const lookups: string[] = []
  const resolve = async (name: string): Promise<string[]> => {
    lookups.push(name)
    return lookups.length === 1 ? ['127.0.0.1'] : ['127.0.0.2']
  }
  assert.is((await get(URL_OF, { resolve })).ok, true)
  assert.equal([lookups.length, host.seen.length, victim.seen.length], [1, 1, 0])
  await victim.close()
})

fetching('of several addresses the next one is tried when one does not answer', async () => {
  const resolve = async (): Promise<string[]> => ['::1', '127.0.0.3', '127.0.0.1']
  assert.is((await get(URL_OF, { resolve, isPublic: () => true })).ok, true)
})

fetching("the Internet is the default: port 443, the system's certificates, 3 seconds, public addresses alone", async () => {
  assert.equal([INTERNET.port, INTERNET.ca, INTERNET.timeout], [443, undefined, 3000])
  assert.is(INTERNET.isPublic('127.0.0.1'), false)
  const documents = createClientDocuments({ hosts: '*', now: () => 1_800_000_000 })
  for (const url of [
    'https://localhost/a',
    'https://127.0.0.1/a',
    'https://[::1]/a',
    'https://2130706433/a',
    'https://0x7f.1/a',
    'https://0177.0.0.1/a',
    'https://client.example./a',
  ]) {
    const found = await documents.get(url)
    assert.is(found.ok ? 'taken' : found.reason, 'client_id_invalid', url)
  }
})

fetching.run()
