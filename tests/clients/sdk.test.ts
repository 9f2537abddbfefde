/** The official SDK's clients against the local stack: they know a URL and nothing else. */

import * as assert from '../support/assert.ts'
import { type Chromium, startChromium } from '../support/browser.ts'
import { type Demo, startDemo } from '../support/demo.ts'
import { suite } from '../support/suite.ts'
import { createPerson, type Person } from './person.ts'
import { createProvider, type Provider, type ProviderOptions } from './provider.ts'
import { createCurrent, createFirst, type SdkClient } from './sdk.ts'
import { startWaiting, type Waiting } from './waiting.ts'

const clients = suite('clients of the official SDK')
let demo: Demo
let chromium: Chromium

clients.before(async () => {
  ;[demo, chromium] = await Promise.all([startDemo({ CHALLENGE_SCOPES: 'operation' }), startChromium()])
})
clients.after(async () => {
  await Promise.all([demo?.close(), chromium?.close()])
})
clients.after.each(() => {
  // A client's listener is gone before the browser asks it for an icon.
  const gone = /^http:\/\/127\.0\.0\.1:\d+\/callback\S*: Failed to load resource: net::ERR_CONNECTION_(?:REFUSED|RESET)$/
  const complaints = chromium.complaints.splice(0).filter((line) => !gone.test(line))
  assert.equal(complaints, [])
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

async function play(
  create: Create,
  options: Omit<ProviderOptions, 'redirectUri'>,
  scene: (scene: Scene) => Promise<void>,
  who: 'DEMO_ADMIN' | 'DEMO_USER' = 'DEMO_ADMIN',
): Promise<void> {
  const waiting = await startWaiting()
  const person = await createPerson(chromium, demo.user(who), /^http:\/\/(?:127\.0\.0\.1|localhost):\d+\/callback/)
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
      assert.equal(again, ['consent'])
      assert.match(result, 'JST')
      assert.ok(scopesOf(provider.tokens()?.scope).includes(EXECUTE), provider.tokens()?.scope)
      assert.equal(await client.tools(), [TOOL])
    }),
  )

// The first line refreshes after a 403, which can bring no more scopes; the gateway tells it to authorize anew.
for (const [line, create] of LINES)
  clients(`${line} steps up although it has a refresh token`, () =>
    play(create, { name: 'Test client' }, async (scene) => {
      const { provider, client } = scene
      await afterLogin(scene, client.connect)
      assert.ok(provider.tokens()?.refresh_token)
      const { result } = await afterLogin(scene, () => client.call(TOOL, TOKYO))
      assert.match(result, 'JST')
      assert.equal(await client.tools(), [TOOL])
    }),
  )

for (const [line, create] of LINES)
  clients(`${line} is not sent to log in for what no scope would open to the user`, () =>
    play(
      create,
      { name: 'Test client' },
      async (scene) => {
        await afterLogin(scene, scene.client.connect)
        const error = await scene.client.call(TOOL, TOKYO).catch((refusal: Error) => refusal)
        assert.match(String(error), 'none of your groups has')
        assert.is(scene.provider.asked.length, 1)
        await scene.client.tools()
      },
      'DEMO_USER',
    ),
  )

clients('a second client at another port asks for consent of its own, and no login', () =>
  play(createCurrent, { name: 'First' }, async (scene) => {
    await afterLogin(scene, scene.client.connect)
    const waiting = await startWaiting('localhost')
    const provider = createProvider({ redirectUri: waiting.redirectUri, name: 'Second' })
    const client = createCurrent(`${demo.url}/mcpgw/mcp`, provider)
    try {
      const { asked } = await afterLogin({ ...scene, waiting, provider, client }, client.connect)
      assert.equal(asked, ['consent'])
      assert.ok((await client.tools()).length > 0)
      assert.ok((await scene.client.tools()) !== undefined)
    } finally {
      await Promise.all([client.close(), waiting.close()])
    }
  }),
)

clients('Cursor registers its three callbacks at once', async () => {
  const callbacks = [
    'cursor://anysphere.cursor-mcp/oauth/callback',
    'https://www.cursor.com/agents/mcp/oauth/callback',
    'http://localhost:8787/callback',
  ]
  const register = async (...uris: string[]): Promise<{ status: number; uris: unknown }> => {
    const answer = await fetch(`${demo.url}/oauth2/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ client_name: 'Cursor', redirect_uris: uris, token_endpoint_auth_method: 'none' }),
    })
    return { status: answer.status, uris: ((await answer.json()) as Record<string, unknown>).redirect_uris }
  }
  assert.equal(await register(...callbacks), { status: 201, uris: callbacks })
  const more = [...callbacks.slice(0, 2), 'https://evil.example/callback', ...callbacks.slice(2)]
  assert.equal(await register(...more), { status: 201, uris: callbacks })
  assert.equal(await register('https://evil.example/callback'), { status: 400, uris: undefined })
})

clients.run()
