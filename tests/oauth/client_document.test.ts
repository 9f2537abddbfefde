import type { IncomingMessage, ServerResponse } from 'node:http'
import { createClientDocuments, type FoundDocument } from '../../src/oauth/client_document.ts'
import { createDocumentCache, freshFor } from '../../src/oauth/client_document_cache.ts'
import type { Network } from '../../src/oauth/client_document_fetch.ts'
import { createFetchLimits } from '../../src/oauth/client_document_limits.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { type DocumentHost, documentsOf, sendJson, startDocumentHost } from './document_host.ts'

const documents = suite('client documents, kept and limited')

const HOST = 'client.example'
let host: DocumentHost
let time = 0

documents.before(async () => {
  host = await startDocumentHost()
})
documents.after(() => host.close())
documents.before.each(() => {
  host.seen.length = 0
  host.lookups.length = 0
  host.answer = documentsOf(HOST)
  time = 1_800_000_000
})

const create = (network: Partial<Network> = {}, hosts: '*' | ReadonlySet<string> = '*') =>
  createClientDocuments({ hosts, now: () => time, network: { ...host.network, ...network } })
const outcome = (found: FoundDocument): string => (found.ok ? 'taken' : found.reason)
const url = (path: string, name = HOST): string => `https://${name}/${path}`

/** How often the host is asked by one call at each of these times after the first. */
async function asked(at: readonly number[], headers: Record<string, string>): Promise<number[]> {
  host.answer = documentsOf(HOST, {}, headers)
  const { get } = create()
  const start = time
  const counts: number[] = []
  for (const seconds of at) {
    time = start + seconds
    assert.is(outcome(await get(url('a'))), 'taken')
    counts.push(host.seen.length)
  }
  return counts
}

const KEPT: [string, Record<string, string>, at: number[], number[]][] = [
  ['nothing said: 5 minutes', {}, [0, 299, 300, 599], [1, 1, 2, 2]],
  ['an hour', { 'cache-control': 'public, max-age=3600' }, [0, 3599, 3600], [1, 1, 2]],
  ['a second: 5 minutes', { 'cache-control': 'max-age=1' }, [0, 299, 300], [1, 1, 2]],
  ['a year: a day', { 'cache-control': 'max-age=31536000, immutable' }, [0, 86_399, 86_400], [1, 1, 2]],
  ['no-store: a minute', { 'cache-control': 'no-store' }, [0, 59, 60], [1, 1, 2]],
  ['no-cache beside max-age: a minute', { 'cache-control': 'max-age=3600, No-Cache' }, [0, 59, 60], [1, 1, 2]],
]
for (const [name, headers, at, expected] of KEPT)
  documents(`a document is kept, ${name}`, async () => assert.equal(await asked(at, headers), expected))

const FRESH: [Record<string, string>, number][] = [
  [{}, 300],
  [{ 'cache-control': '' }, 300],
  [{ 'cache-control': 'max-age=600' }, 600],
  [{ 'cache-control': 'MAX-AGE="600"' }, 600],
  [{ 'cache-control': 'max-age=600, s-maxage=900' }, 900],
  [{ 'cache-control': 'max-age=600', age: '100' }, 500],
  [{ 'cache-control': 'max-age=600', age: '599' }, 300],
  [{ 'cache-control': 'max-age=600', age: '-1' }, 600],
  [{ 'cache-control': 'max-age=600', age: 'x' }, 600],
  [{ 'cache-control': 'max-age=-1' }, 300],
  [{ 'cache-control': 'max-age=1e9' }, 300],
  [{ 'cache-control': 'max-age=99999999999999999999' }, 300],
  [{ 'cache-control': 'xmax-age=7200' }, 300],
  [{ 'cache-control': 'max-age=9999999999' }, 86_400],
  [{ 'cache-control': 'max-age=0' }, 60],
  [{ 'cache-control': 'private, max-age=3600' }, 60],
  [{ 'cache-control': 'no-cache="set-cookie", max-age=3600' }, 60],
  [{ 'cache-control': 'not-no-store, max-age=3600' }, 3600],
]
for (const [headers, seconds] of FRESH)
  documents(`${JSON.stringify(headers)} is fresh for ${seconds} s`, () => assert.is(freshFor(headers), seconds))

documents('what is kept changes with the document, and is lost when the document goes wrong', async () => {
  const { get } = create()
  const named = async (): Promise<string | null> => {
    const found = await get(url('a'))
    return found.ok ? found.value.name : found.reason
  }
  host.answer = documentsOf(HOST, { client_name: 'One' })
  assert.is(await named(), 'One')
  host.answer = documentsOf(HOST, { client_name: 'Two' })
  assert.is(await named(), 'One')
  time += 300
  assert.is(await named(), 'Two')
  time += 300
  host.answer = documentsOf(HOST, { client_id: 'https://other.example/a' })
  assert.is(await named(), 'client_id_mismatch')
  host.answer = documentsOf(HOST, { client_name: 'Three' })
  assert.is(await named(), 'Three')
})

documents('no failure is kept: what is mended works at once', async () => {
  const { get } = create()
  host.answer = (_request, response) => {
    response.statusCode = 500
    response.end()
  }
  assert.equal([outcome(await get(url('a'))), outcome(await get(url('a')))], ['unreachable', 'unreachable'])
  host.answer = documentsOf(HOST)
  assert.is(outcome(await get(url('a'))), 'taken')
  assert.is(host.seen.length, 3)
})

documents('the exact string is the client: other spellings are other documents', async () => {
  const { get } = create()
  for (const path of ['a', 'a/', 'A', 'a?x', 'a?x=1&y=2', 'a?y=2&x=1', '%61']) assert.is(outcome(await get(url(path))), 'taken', path)
  assert.is(host.seen.length, 7)
})

documents('100 at the same time are one fetch, one look-up and one answer', async () => {
  const { get } = create()
  const found = await Promise.all(Array.from({ length: 100 }, () => get(url('a'))))
  assert.equal([...new Set(found.map(outcome))], ['taken'])
  assert.equal([host.seen.length, host.lookups.length], [1, 1])
})

documents('a failure that many wait for is theirs, and the next one asks anew', async () => {
  const { get } = create()
  host.answer = (_request, response) => response.destroy()
  const found = await Promise.all(Array.from({ length: 20 }, () => get(url('a'))))
  assert.equal([...new Set(found.map(outcome))], ['unreachable'])
  host.answer = documentsOf(HOST)
  assert.equal([outcome(await get(url('a'))), host.seen.length], ['taken', 2])
})

/** Answers when it is told to. */
function holdAnswers(): { waiting: () => number; release: () => void } {
  const held: [IncomingMessage, ServerResponse][] = []
  host.answer = (request, response) => {
    held.push([request, response])
  }
  const release = (): void => {
    for (const [request, response] of held.splice(0)) documentsOf(request.headers.host ?? '')(request, response)
  }
  return { waiting: () => held.length, release }
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition() && waited < 2000; waited += 5) await new Promise((done) => setTimeout(done, 5))
  assert.ok(condition(), 'it did not come to that')
}

documents('8 at once and 2 of one host: the next one hears that we are busy, and has a place when they are through', async () => {
  const { get } = create()
  const { waiting, release } = holdAnswers()
  const running = ['a', 'a', 'b', 'b', 'c', 'c', 'd', 'd'].map((name, index) => get(url(`${index}`, `${name}.${HOST}`)))
  await until(() => waiting() === 8)
  assert.is(outcome(await get(url('x', `e.${HOST}`))), 'busy', 'a ninth')
  release()
  assert.equal([...new Set((await Promise.all(running)).map(outcome))], ['taken'])
  const two = [get(url('1')), get(url('2'))]
  await until(() => waiting() === 2)
  assert.is(outcome(await get(url('3'))), 'busy', 'a third of one host')
  const other = get(url('4', `e.${HOST}`))
  await until(() => waiting() === 3)
  release()
  assert.equal((await Promise.all([...two, other])).map(outcome), ['taken', 'taken', 'taken'])
})

documents('a host is asked 10 times a minute, whatever the paths and the outcomes', async () => {
  const { get } = create()
  host.answer = (_request, response) => {
    response.statusCode = 404
    response.end()
  }
  const outcomes: string[] = []
  for (let index = 0; index < 15; index += 1) outcomes.push(outcome(await get(url(`${index}`))))
  assert.equal(outcomes, [...Array(10).fill('unreachable'), ...Array(5).fill('busy')])
  assert.is(host.seen.length, 10)
  assert.is(outcome(await get(url('x', `other.${HOST}`))), 'unreachable', 'another host is asked')
  time += 59
  assert.is(outcome(await get(url('x'))), 'busy')
  time += 1
  assert.is(outcome(await get(url('x'))), 'unreachable')
})

documents('an address is asked 60 times a minute, however many names lead there', async () => {
  const { get } = create()
  const outcomes: string[] = []
  host.answer = (request, response) => documentsOf(request.headers.host ?? '')(request, response)
  for (let index = 0; index < 65; index += 1) outcomes.push(outcome(await get(url('a', `n${index}.${HOST}`))))
  assert.equal(outcomes, [...Array(60).fill('taken'), ...Array(5).fill('busy')])
  assert.is(host.seen.length, 60)
})

documents('1000 URLs at once are no more than 8 fetches, and nothing waits for them', async () => {
  const { get } = create()
  const { waiting, release } = holdAnswers()
  const all = Array.from({ length: 1000 }, (_, index) => get(url(`${index}`, `n${index % 500}.${HOST}`)))
  await until(() => waiting() === 8)
  release()
  const outcomes = (await Promise.all(all)).map(outcome)
  assert.is(outcomes.filter((word) => word === 'taken').length, 8)
  assert.is(outcomes.filter((word) => word === 'busy').length, 992)
  assert.is(host.seen.length, 8)
})

documents('where the limits forbid to renew a document, the one that is kept does, for a day', async () => {
  const { get } = create()
  assert.is(outcome(await get(url('a'))), 'taken')
  const exhaust = async (): Promise<void> => {
    for (let index = 0; index < 11; index += 1) await get(url(`other-${time}-${index}`))
  }
  time += 3600
  await exhaust()
  const before = host.seen.length
  assert.is(outcome(await get(url('a'))), 'taken')
  assert.is(host.seen.length, before, 'nobody was asked')
  time += 23 * 3600
  await exhaust()
  assert.is(outcome(await get(url('a'))), 'busy')
})

documents('so it does where its network was asked too often, as often as it is needed', async () => {
  const { get } = create()
  assert.is(outcome(await get(url('a'))), 'taken')
  time += 3600
  for (let index = 0; index < 61; index += 1) await get(url('x', `n${index}.${HOST}`))
  const before = host.seen.length
  for (let index = 0; index < 3; index += 1) assert.is(outcome(await get(url('a'))), 'taken')
  assert.is(host.seen.length, before, 'nobody was asked')
})

documents('but not one that has been taken back', async () => {
  const { get } = create()
  assert.is(outcome(await get(url('a'))), 'taken')
  time += 3600
  host.answer = (_request, response) => {
    response.statusCode = 404
    response.end()
  }
  for (let index = 0; index < 10; index += 1) assert.is(outcome(await get(url('a'))), 'unreachable')
  assert.is(outcome(await get(url('a'))), 'busy')
})

documents('of a place that is given back the next one has use, also after failures of every kind', async () => {
  const { get } = create({ timeout: 50, resolve: () => new Promise(() => {}) })
  for (let round = 0; round < 3; round += 1) {
    const found = await Promise.all(Array.from({ length: 8 }, (_, index) => get(url(`${round}-${index}`, `n${index}.${HOST}`))))
    assert.equal([...new Set(found.map(outcome))], ['unreachable'])
  }
})

documents('in all, 600 fetches a minute, which bounds what is remembered for the limits', () => {
  const limits = createFetchLimits(() => time)
  for (let index = 0; index < 600; index += 1) limits.enter(`n${index}.${HOST}`)?.()
  assert.is(limits.enter(`x.${HOST}`), null)
  time += 60
  assert.is.not(limits.enter(`x.${HOST}`), null)
})

documents('a clock that is set back frees what was counted', () => {
  const limits = createFetchLimits(() => time)
  for (let index = 0; index < 10; index += 1) limits.enter(HOST)?.()
  assert.is(limits.enter(HOST), null)
  time -= 1
  assert.is.not(limits.enter(HOST), null)
})

documents('the 256 that were used last are kept', () => {
  const cache = createDocumentCache(() => time)
  const keep = (index: number): void => cache.set({ clientId: `c${index}`, name: null, uri: null, redirectUris: [] }, 300)
  for (let index = 0; index < 256; index += 1) keep(index)
  assert.is(cache.get('c0')?.fresh, true)
  for (let index = 256; index < 300; index += 1) keep(index)
  assert.is(cache.size, 256)
  assert.equal([cache.get('c0') !== null, cache.get('c1'), cache.get('c44'), cache.get('c45') !== null], [true, null, null, true])
  for (let index = 0; index < 1000; index += 1) keep(7)
  assert.is(cache.size, 256)
})

documents('a clock that is set back keeps nothing', () => {
  const cache = createDocumentCache(() => time)
  cache.set({ clientId: 'c', name: null, uri: null, redirectUris: [] }, 300)
  time -= 1
  assert.is(cache.get('c'), null)
})

documents('only hosts of the list are asked, by their whole name', async () => {
  const { get } = create({}, new Set([HOST]))
  assert.is(outcome(await get(url('a'))), 'taken')
  for (const name of [`a.${HOST}`, `x${HOST}`, `${HOST}.evil.example`, 'example.com'])
    assert.is(outcome(await get(url('a', name))), 'host_not_allowed', name)
  assert.is(outcome(await create({}, new Set()).get(url('a'))), 'host_not_allowed')
  assert.equal(host.lookups, [HOST])
})

documents('what is no URL of a document is not looked up, whoever is allowed', async () => {
  const { get } = create()
  for (const id of ['', 'http://client.example/a', 'https://client.example/', 'https://127.0.0.1/a', `${url('a')}#b`, '\ud800'])
    assert.is(outcome(await get(id)), 'client_id_invalid', id)
  assert.equal(host.lookups, [])
})

documents('what goes to the log holds no query, no foreign words and no address', async () => {
  host.answer = (_request, response) => sendJson(response, { client_id: 'SECRET-WORDS', client_secret: 'SECRET-WORDS' })
  const { get } = create()
  const found = [
    await get(url('a?token=hush')),
    await create({}, new Set()).get(url('a?token=hush')),
    await create({ isPublic: () => false }).get(url('a?token=hush')),
    await create({ resolve: () => Promise.reject(new Error('SECRET-WORDS 127.0.0.1')) }).get(url('a?token=hush')),
    await create({ resolve: () => Promise.reject(Object.assign(new Error(), { code: 'SECRET-WORDS\n' })) }).get(url('a?token=hush')),
    await get('https://u:hush@client.example/a'),
  ]
  assert.equal(found.map(outcome), [
    'client_id_mismatch',
    'host_not_allowed',
    'address_not_public',
    'unreachable',
    'unreachable',
    'client_id_invalid',
  ])
  for (const one of found) assert.not.match(JSON.stringify(one), /hush|SECRET|127\.0\.0\.1|\?/)
  assert.match(found[0]?.ok === false ? found[0].detail : '', /^https:\/\/client\.example\/a: /)
})

documents('what is given cannot be changed by who got it', async () => {
  const { get } = create()
  const found = await get(url('a'))
  assert.ok(found.ok)
  assert.throws(() => (found.value.redirectUris as string[]).push('https://evil.example/'))
  assert.throws(() => Object.assign(found.value, { name: 'Evil' }))
})

documents.run()
