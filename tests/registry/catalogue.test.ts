import { type Catalogue, createCatalogue } from '../../src/registry/catalogue.ts'
import type { Listing } from '../../src/registry/listing.ts'
import type { ServerEntry } from '../../src/registry/servers.ts'
import type { Tool } from '../../src/registry/tool.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { within } from '../support/within.ts'

const suiteOf = suite('what is known of the servers')

const entry = (name: string, url = `http://${name}/mcp`): ServerEntry => {
  return { name, url, description: '', tags: [], transports: ['streamable-http'] }
}
const named = (...names: string[]): Listing => {
  const tools = names.map((name): Tool => ({ name, title: '', description: '', inputSchema: { type: 'object' } }))
  return { tools, dropped: 0, cut: false }
}

interface Question {
  entry: ServerEntry
  answer(listing: Listing): Promise<void>
}

/** A catalogue whose questions a test answers itself. */
function questioned(): { catalogue: Catalogue; questions: Question[]; told: string[] } {
  const questions: Question[] = []
  const told: string[] = []
  const catalogue = createCatalogue({
    refreshMilliseconds: 1_000_000,
    onListing: (server) => told.push(server),
    list: (entry) =>
      new Promise((resolve) => {
        const answer = async (listing: Listing): Promise<void> => {
          resolve(listing)
          await new Promise((done) => setImmediate(done))
        }
        questions.push({ entry, answer })
      }),
  })
  return { catalogue, questions, told }
}
const shown = (catalogue: Catalogue): string[] =>
  catalogue.servers().map(({ entry, tools, problem }) => `${entry.name}: ${tools.map(({ name }) => name).join(' ')} ${problem ?? 'fresh'}`)

suiteOf('every server is asked at once, and each answer counts as it comes', async () => {
  const { catalogue, questions } = questioned()
  catalogue.replace([entry('a'), entry('b')])
  assert.equal(
    questions.map(({ entry }) => entry.name),
    ['a', 'b'],
  )
  await questions[1]?.answer(named('t'))
  assert.equal(shown(catalogue), ['a:  fresh', 'b: t fresh'])
  assert.equal(
    catalogue.servers().map(({ listedAt }) => listedAt === null),
    [true, false],
  )
  catalogue.close()
})

suiteOf('a server that is thinking is not asked again', async () => {
  const { catalogue, questions } = questioned()
  catalogue.replace([entry('a'), entry('b')])
  await questions[0]?.answer(named())
  const refreshed = catalogue.refresh()
  const again = catalogue.refresh()
  assert.equal(
    questions.map(({ entry }) => entry.name),
    ['a', 'b', 'a'],
  )
  await questions[1]?.answer(named())
  await questions[2]?.answer(named())
  await Promise.all([refreshed, again])
  catalogue.close()
})

suiteOf('the last good list is kept while a server is away, with its time', async () => {
  const { catalogue, questions } = questioned()
  catalogue.replace([entry('a')])
  await questions[0]?.answer(named('t', 'u'))
  const [before] = catalogue.servers()
  void catalogue.refresh()
  await questions[1]?.answer({ problem: 'timeout' })
  assert.equal(shown(catalogue), ['a: t u timeout'])
  assert.is(catalogue.servers()[0]?.listedAt, before?.listedAt)
  void catalogue.refresh()
  await questions[2]?.answer(named('t'))
  assert.equal(shown(catalogue), ['a: t fresh'])
  catalogue.close()
})

suiteOf('the version changes with the tools alone', async () => {
  const { catalogue, questions } = questioned()
  catalogue.replace([entry('a')])
  const versions = [catalogue.version()]
  for (const [index, listing] of [named('t'), named('t'), { problem: 'timeout' as const }, named('t', 'u')].entries()) {
    if (index > 0) void catalogue.refresh()
    await questions[index]?.answer(listing)
    versions.push(catalogue.version())
  }
  const [first = 0] = versions
  assert.equal(versions, [first, first + 1, first + 1, first + 1, first + 2])
  catalogue.close()
})

suiteOf('another file keeps what is known of a server that stays, also when it is described in other words', async () => {
  const { catalogue, questions } = questioned()
  catalogue.replace([entry('a'), entry('b'), entry('c')])
  for (const question of [...questions]) await question.answer(named(`of-${question.entry.name}`))
  catalogue.replace([entry('c'), { ...entry('a'), description: 'new' }, entry('b', 'http://elsewhere/mcp'), entry('d')])
  assert.equal(shown(catalogue), ['c: of-c fresh', 'a: of-a fresh', 'b:  fresh', 'd:  fresh'])
  assert.is(catalogue.servers()[1]?.entry.description, 'new')
  catalogue.close()
})

suiteOf('an answer from where a server used to be is not taken', async () => {
  const { catalogue, questions, told } = questioned()
  catalogue.replace([entry('a')])
  catalogue.replace([entry('a', 'http://elsewhere/mcp')])
  await questions[0]?.answer(named('old'))
  assert.equal(shown(catalogue), ['a:  fresh'])
  await questions[1]?.answer(named('new'))
  assert.equal(shown(catalogue), ['a: new fresh'])
  assert.equal(told, ['a'])
  catalogue.close()
})

suiteOf('there is something to tell when all have answered, and after two seconds in any case', async () => {
  const prompt = questioned()
  prompt.catalogue.replace([entry('a')])
  await prompt.questions[0]?.answer(named())
  await within(500, () => prompt.catalogue.begun())
  const began = Date.now()
  const slow = questioned()
  slow.catalogue.replace([entry('a')])
  // The catalogue's own clock keeps no process alive.
  const alive = setTimeout(() => {}, 10_000)
  await slow.catalogue.begun()
  clearTimeout(alive)
  const waited = Date.now() - began
  assert.ok(waited > 1500 && waited < 4000, `${waited} ms`)
  for (const { catalogue } of [prompt, slow]) catalogue.close()
})

suiteOf.run()
