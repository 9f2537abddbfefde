/** The pages as they are seen: light and dark, on a desk and on a phone, by eyes and by screen readers. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import * as assert from '../support/assert.ts'
import { type Chromium, type Page, signIn, startChromium } from '../support/browser.ts'
import { type Demo, startDemo } from '../support/demo.ts'
import { suite } from '../support/suite.ts'

const looks = suite('the pages')
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
let demo: Demo
let chromium: Chromium

looks.before(async () => {
  ;[demo, chromium] = await Promise.all([startDemo(), startChromium()])
})
looks.after(async () => {
  await Promise.all([demo?.close(), chromium?.close()])
})

/** What axe finds wrong (WCAG 2.2 AA and good practice), a line each. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const found = await page.evaluate<Array<{ id: string; nodes: Array<{ html: string }> }>>('axe.run().then((result) => result.violations)')
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}

/** Everything that moved by itself while the page was loaded (Layout Instability API); 0 is a page that stands still. */
const SHIFTS = `new Promise((done) => {
  let sum = 0
  new PerformanceObserver((list) => { for (const { value } of list.getEntries()) sum += value }).observe({ type: 'layout-shift', buffered: true })
  setTimeout(() => done(sum), 200)
})`

async function signedIn(page: Page): Promise<void> {
  await page.goto(`${demo.url}/oauth2/`)
  await page.getByRole('link', { name: 'Sign in with Amazon Cognito' }).click()
  await signIn(page, demo.user('DEMO_ADMIN'))
}

/** Where an MCP client sends its user. */
async function connect(page: Page, redirectUri: string): Promise<void> {
  const metadata = { client_name: 'A client with quite a long name for its windows', redirect_uris: [redirectUri] }
  const headers = { 'content-type': 'application/json' }
  const registered = await fetch(`${demo.url}/oauth2/register`, { method: 'POST', headers, body: JSON.stringify(metadata) })
  const { client_id } = (await registered.json()) as { client_id: string }
  const asked = {
    response_type: 'code',
    client_id,
    redirect_uri: redirectUri,
    code_challenge: 'c'.repeat(43),
    code_challenge_method: 'S256',
    resource: `${demo.url}/currenttime/mcp`,
  }
  await page.goto(`${demo.url}/oauth2/authorize?${new URLSearchParams(asked)}`)
}

const PAGES: Array<[string, (page: Page) => Promise<unknown>]> = [
  ['sign in', (page) => page.goto(`${demo.url}/oauth2/?next=/currenttime/health`)],
  ['your access', signedIn],
  ['sign out?', (page) => signedIn(page).then(() => page.goto(`${demo.url}/oauth2/logout/cognito`))],
  ['signed out', (page) => page.goto(`${demo.url}/oauth2/signed-out`)],
  ['an error', (page) => page.goto(`${demo.url}/oauth2/callback/cognito`)],
  ['consent to a client on this computer', (page) => connect(page, 'http://127.0.0.1:9/callback')],
  ['consent to a known client', (page) => connect(page, 'cursor://anysphere.cursor-mcp/oauth/callback')],
  [
    'consent to a handover',
    async (page) => {
      await signedIn(page)
      const asked = {
        redirect_uri: 'http://127.0.0.1:9/callback',
        code_challenge: 'c'.repeat(43),
        code_challenge_method: 'S256',
        state: 's'.repeat(22),
      }
      await page.goto(`${demo.url}/oauth2/login/cognito?${new URLSearchParams(asked)}`)
    },
  ],
]

for (const [name, open] of PAGES) {
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 320]) {
      looks(`${name}, ${colorScheme}, ${width} pixels wide`, async () => {
        const context = await chromium.visitor({ colorScheme, viewport: { width, height: 800 } })
        const page = await context.newPage()
        await open(page)
        assert.equal(await violations(page), [])
        assert.is(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth <= 0'), true, 'scrolls sideways')
        assert.is(await page.evaluate(SHIFTS), 0, 'something jumps')
        await context.close()
      })
    }
  }
}

looks('a page that arrives in pieces stands still', async () => {
  const context = await chromium.visitor({ viewport: { width: 320, height: 800 } })
  const page = await context.newPage()
  const url = `${demo.url}/oauth2/signed-out`
  const html = await (await fetch(url)).text()
  const tops: unknown[] = []
  for (const end of [html.indexOf('</h1>'), html.indexOf('<div class="actions"'), html.length]) {
    await page.route(url, (route) => route.fulfill({ contentType: 'text/html', body: html.slice(0, end) }))
    await page.goto(url)
    tops.push(await page.evaluate('document.querySelector("h1").getBoundingClientRect().top'))
    await page.unroute(url)
  }
  assert.equal(new Set(tops).size, 1, tops.join())
  await context.close()
})

looks('copy buttons copy, and say so', async () => {
  const context = await chromium.visitor({ permissions: ['clipboard-read', 'clipboard-write'] })
  const page = await context.newPage()
  await signedIn(page)
  await page.getByRole('button', { name: 'Copy the URL of currenttime' }).click()
  assert.is(await page.evaluate('navigator.clipboard.readText()'), `${demo.url}/currenttime/mcp`)
  assert.match((await page.getByRole('status').textContent()) ?? '', /copied/i)
  await context.close()
})

looks('without scripts everything but copying works', async () => {
  const context = await chromium.visitor({ javaScriptEnabled: false })
  const page = await context.newPage()
  await signedIn(page)
  assert.is(await page.getByRole('button', { name: /copy/i }).count(), 0)
  await page.getByRole('button', { name: 'Sign out' }).click()
  assert.is(page.url(), `${demo.url}/oauth2/signed-out`)
  await context.close()
})

looks.run()
