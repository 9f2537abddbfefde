/** A person and a real browser in front of the local stack: signing in, reading what one may do, signing out. */
import { setTimeout as sleep } from 'node:timers/promises'
import * as assert from '../support/assert.ts'
import { type Chromium, type Page, signIn, startChromium } from '../support/browser.ts'
import { type Demo, startDemo } from '../support/demo.ts'
import { suite } from '../support/suite.ts'

const people = suite('people in a browser')
let demo: Demo
let chromium: Chromium

people.before(async () => {
  ;[demo, chromium] = await Promise.all([startDemo(), startChromium()])
})
people.after(async () => {
  await Promise.all([demo?.close(), chromium?.close()])
})
people.after.each(() => {
  assert.equal(chromium.complaints.splice(0), [])
})

const sessionCookie = async (page: Page): Promise<string> => {
  const found = (await page.context().cookies()).find(({ name }) => name === 'mcp_gateway_session')
  return found === undefined ? '' : `${found.name}=${found.value}`
}

/** What a program with this cookie is told. */
async function callWith(cookie: string, method: string, params: Record<string, unknown> = {}): Promise<{ status: number; body: string }> {
  const answer = await fetch(`${demo.url}/currenttime/mcp`, {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  return { status: answer.status, body: await answer.text() }
}

async function visit(path: string, who: 'DEMO_ADMIN' | 'DEMO_USER' | null = null): Promise<Page> {
  const page = await (await chromium.visitor()).newPage()
  await page.goto(demo.url + path)
  if (who === null) return page
  await page.getByRole('link', { name: 'Sign in with Amazon Cognito' }).click()
  await signIn(page, demo.user(who))
  return page
}

people('come to the page that they asked for, by way of the login', async () => {
  const page = await visit('/currenttime/health?from=here', 'DEMO_USER')
  assert.is(page.url(), `${demo.url}/currenttime/health?from=here`)
  await page.context().close()
})

people('read what they may do and why, sign out, and a copy of the old cookie is refused', async () => {
  const page = await visit('/oauth2/', 'DEMO_USER')
  const text = (await page.locator('main').innerText()).replace(/\s+/g, ' ')
  for (const expected of ['mcp-registry-user', 'mcp-servers-restricted/read', 'tools/list', `${demo.url}/currenttime/mcp`])
    assert.match(text, expected)
  assert.not.match(text, 'mcp-servers-unrestricted')
  const copy = await sessionCookie(page)
  assert.is((await callWith(copy, 'tools/list')).status, 200)
  const refused = await callWith(copy, 'tools/call', { name: 'current_time_by_timezone', arguments: { tz_name: 'Asia/Tokyo' } })
  assert.is(refused.status, 403)
  await page.getByRole('button', { name: 'Sign out' }).click()
  assert.is(page.url(), `${demo.url}/oauth2/signed-out`)
  assert.is(await sessionCookie(page), '')
  // NGINX may remember the copy for five seconds.
  let gone = await callWith(copy, 'tools/list')
  for (const end = Date.now() + 5_000; gone.status === 200 && Date.now() < end; gone = await callWith(copy, 'tools/list')) await sleep(100)
  assert.is(gone.status, 401)
  assert.match(gone.body, 'session_ended')
  // Also at Cognito: the login form is there again.
  await page.getByRole('link', { name: 'Sign in again' }).click()
  await page.getByLabel('Username').waitFor()
  await page.context().close()
})

people('that administer see the tool calls that others lack', async () => {
  const page = await visit('/oauth2/', 'DEMO_ADMIN')
  assert.match(await page.locator('main').innerText(), 'current_time_by_timezone')
  assert.is(
    (await callWith(await sessionCookie(page), 'tools/call', { name: 'current_time_by_timezone', arguments: { tz_name: 'UTC' } })).status,
    200,
  )
  await page.context().close()
})

people('log in in several tabs at once', async () => {
  const context = await chromium.visitor()
  const tabs = await Promise.all([1, 2, 3].map(() => context.newPage()))
  for (const [index, tab] of tabs.entries()) {
    await tab.goto(`${demo.url}/oauth2/?next=${encodeURIComponent(`/currenttime/health?tab=${index}`)}`)
    await tab.getByRole('link', { name: 'Sign in with Amazon Cognito' }).click()
  }
  for (const [index, tab] of [...tabs.entries()].reverse()) {
    // The form of a tab was made for its own address; the stand-in's cookie is shared by all.
    await signIn(tab, demo.user('DEMO_USER'))
    assert.is(tab.url(), `${demo.url}/currenttime/health?tab=${index}`)
  }
  await context.close()
})

people('get along by keyboard alone', async () => {
  const page = await visit('/oauth2/')
  const link = page.getByRole('link', { name: 'Sign in with Amazon Cognito' })
  for (let presses = 0; presses < 10 && (await link.and(page.locator(':focus')).count()) === 0; presses += 1)
    await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByLabel('Username').waitFor()
  const { username, password } = demo.user('DEMO_USER')
  await page.keyboard.type(username)
  await page.keyboard.press('Tab')
  await page.keyboard.type(password)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Your access' }).waitFor()
  await page.context().close()
})

people('who are told no by Cognito learn what happened and what to do', async () => {
  const page = await visit('/oauth2/')
  await page.getByRole('link', { name: 'Sign in with Amazon Cognito' }).click()
  const { searchParams } = new URL(page.url())
  const answer = new URLSearchParams({ error: 'access_denied', error_description: '<b>no</b>', state: searchParams.get('state') ?? '' })
  // The status of the page is an error on the console of the browser, as it should be.
  await page.goto(`${demo.url}/oauth2/callback/cognito?${answer}`)
  assert.match(await page.locator('main').innerText(), 'did not let you in')
  assert.match(await page.locator('main').innerText(), '<b>no</b>')
  await page.goto(`${demo.url}/oauth2/callback/cognito?${answer}`)
  assert.match(await page.locator('main').innerText(), 'no such login under way')
  assert.match(chromium.complaints.splice(0).join('\n'), /^(?:.*status of 400.*\n?){2}$/)
  await page.context().close()
})

people.run()
