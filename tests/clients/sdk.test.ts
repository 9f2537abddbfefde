/** The official SDK's clients against the local stack: they know a URL and nothing else. */
import { suite } from 'uvu'
import * as assert from '../support/assert.ts'
import { type Chromium, startChromium } from '../support/browser.ts'
import { type Demo, startDemo } from '../support/demo.ts'
import { createPerson, type Person } from './person.ts'
import { createProvider, type Provider, type ProviderOptions } from './provider.ts'
import { createCurrent, createFirst, type SdkClient } from './sdk.ts'
import { startWaiting, type Waiting } from './waiting.ts'

const clients = suite('clients of the official SDK')
let demo: Demo
let chromium: Chromium

clients.before(async () => {
  ;[demo, chromium] = await Promise.all([startDemo(), startChromium()])
})
clients.after(async () => {
  await Promise.all([demo?.close(), chromium?.close()])
})
clients.after.each(() => {
  assert.equal(chromium.complaints.splice(0), [])
})

const READ = ['mcp-servers-unrestricted/read', 'mcp-servers-restricted/read']
const EXECUTE = 'mcp-servers-unrestricted/execute'
const TOOL = 'current_time_by_timezone'
const TOKYO = { tz_name: 'Asia/Tokyo' }

interface Scene {
  person: Person
  waiting: Waiting
  provider: Provider
  client: SdkClient
}

type Create = typeof createFirst

async function play(create: Create, options: Omit<ProviderOptions, 'redirectUri'>, scene: (scene: Scene) => Promise<void>): Promise<void> {
  const waiting = await startWaiting()
  const person = await createPerson(chromium, demo.user('DEMO_ADMIN'), /^http:\/\/127\.0\.0\.1:\d+\/callback/)
  const provider = createProvider({ redirectUri: waiting.redirectUri, ...options })
  const client = create(`${demo.url}/currenttime/mcp`, provider)
  try {
    await scene({ person, waiting, provider, client })
  } finally {
    await Promise.all([client.close(), person.close(), waiting.close()])
  }
}

const scopesOf = (text: string | null | undefined): string[] => (text ?? '').split(' ').filter(Boolean).sort()

/** Does what wants a login, lets the person log in, and does it again. */
async function afterLogin<T>(
  { person, waiting, provider, client }: Scene,
  what: () => Promise<T>,
): Promise<{ asked: string[]; result: T }> {
  const before = provider.asked.length
  try {
    await what()
    assert.unreachable('it went without a login')
  } catch (error) {
    if (!client.wantsLogin(error)) throw error
  }
  assert.is(provider.asked.length, before + 1)
  const asked = await person.follow(provider.asked.at(-1) as URL)
  await client.finish(await waiting.answer())
  return { asked, result: await what() }
}

const LINES: ReadonlyArray<[string, Create]> = [
  ['@modelcontextprotocol/client', createCurrent],
  ['@modelcontextprotocol/sdk', createFirst],
]

for (const [line, create] of LINES)
  clients(`${line} finds out, registers, asks the user, calls a tool, and steps up where it must`, () =>
    play(create, { name: 'Test client', withoutRefresh: true }, async (scene) => {
      const { provider, client } = scene
      const { asked } = await afterLogin(scene, client.connect)
      assert.equal(asked, ['consent', 'login'])
      const [first] = provider.asked as [URL]
      assert.is(first.origin + first.pathname, `${demo.url}/oauth2/authorize`)
      assert.is(first.searchParams.get('resource'), `${demo.url}/currenttime/mcp`)
      assert.equal(scopesOf(first.searchParams.get('scope')), [...READ].sort())
      assert.equal(scopesOf(provider.tokens()?.scope), [...READ].sort())
      assert.equal(await client.tools(), [])
      const { asked: again, result } = await afterLogin(scene, () => client.call(TOOL, TOKYO))
      assert.equal(again, [])
      assert.match(result, 'JST')
      assert.ok(scopesOf(provider.tokens()?.scope).includes(EXECUTE), provider.tokens()?.scope)
      assert.equal(await client.tools(), [TOOL])
    }),
  )

clients.run()
