/** `gatehouse login` at a terminal without a display; the browser is played by Chromium. */
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as assert from '../support/assert.ts'
import { type Chromium, signIn, startChromium } from '../support/browser.ts'
import { type Demo, startDemo } from '../support/demo.ts'
import { root } from '../support/gateway.ts'
import { until } from '../support/process.ts'
import { suite } from '../support/suite.ts'

const run = promisify(execFile)
const terminal = suite('gatehouse login')
const home = mkdtempSync(join(tmpdir(), 'gatehouse-home-'))
const cookieFile = join(home, '.mcp/session_cookie')
let demo: Demo
let chromium: Chromium

terminal.before(async () => {
  ;[demo, chromium] = await Promise.all([startDemo(), startChromium()])
})
terminal.after(async () => {
  await Promise.all([demo?.close(), chromium?.close()])
  rmSync(home, { recursive: true, force: true })
})

const environment = { PATH: process.env.PATH, HOME: home }
const gatehouse = (...args: string[]) => run(join(root, 'bin/gatehouse'), args, { env: environment })

/** Runs the command; the browser opens the address that it prints and does what `person` does there. */
async function login(
  args: string[],
  person: (address: string, printed: () => string) => Promise<void>,
): Promise<{ code: number | null; printed: string }> {
  const child = spawn(join(root, 'bin/gatehouse'), ['login', '--no-browser', '--timeout', '60', ...args], { env: environment })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      printed += chunk
    })
  }
  const ended = new Promise<number | null>((done) => child.once('close', done))
  try {
    await until('an address is printed', () => /https?:\/\/\S+\/\S+\s/.test(printed))
    await person(/https?:\/\/\S+/.exec(printed)?.[0] ?? '', () => printed)
    return { code: await ended, printed }
  } finally {
    child.kill('SIGKILL')
  }
}

/** curl with the saved cookie, the secret not on its command line. */
async function curl(tool: string): Promise<string> {
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: tool === '' ? 'tools/list' : 'tools/call',
    params: tool === '' ? {} : { name: tool, arguments: { tz_name: 'Asia/Tokyo' } },
  })
  const headers = ['-H', 'Content-Type: application/json', '-H', 'Accept: application/json, text/event-stream']
  const { stdout } = await run('curl', [
    '-s',
    '--max-time',
    '30',
    '-w',
    ' %{http_code}',
    '--cookie',
    `${cookieFile}.jar`,
    ...headers,
    '-d',
    body,
    `${demo.url}/currenttime/mcp`,
  ])
  return stdout.slice(-3)
}

async function signInAt(
  address: string,
  who: 'DEMO_ADMIN' | 'DEMO_USER',
  then?: (page: import('../support/browser.ts').Page) => Promise<void>,
): Promise<void> {
  const context = await chromium.visitor()
  const page = await context.newPage()
  await page.goto(address)
  await signIn(page, demo.user(who))
  await then?.(page)
  await context.close()
}

terminal('straight at Cognito: the saved cookie opens what the user’s groups open, and nothing else', async () => {
  const { code, printed } = await login(['--env-file', join(demo.folder, '.env.user')], (address) => signInAt(address, 'DEMO_USER'))
  assert.is(code, 0, printed)
  assert.match(printed, /Signed in as user/)
  assert.equal([statSync(join(home, '.mcp')).mode & 0o777, statSync(cookieFile).mode & 0o777], [0o700, 0o600])
  const seal = readFileSync(cookieFile, 'utf8')
  assert.not.match(printed, seal)
  assert.equal([await curl(''), await curl('current_time_by_timezone')], ['200', '403'])
  const raw = await fetch(`${demo.url}/oauth2/whoami`, { headers: { cookie: `mcp_gateway_session=${seal}` } })
  assert.is(((await raw.json()) as { user: string }).user, 'user')
})

terminal('through the gateway, without the key: the codes agree, the user consents', async () => {
  const settings = join(home, 'gateway.env')
  writeFileSync(settings, `REGISTRY_URL=${demo.url}\n`)
  const { code, printed } = await login(['--env-file', settings], async (address, soFar) => {
    await signInAt(address, 'DEMO_ADMIN', async (page) => {
      const shown = (await page.locator('main').innerText()).match(/[2-9A-Z]{4}-[2-9A-Z]{4}/)?.[0] ?? 'none'
      assert.match(soFar(), shown)
      await page.getByLabel('My terminal shows this code').check()
      await page.getByRole('button', { name: 'Allow' }).click()
      await page.getByText('close this').waitFor()
    })
  })
  assert.is(code, 0, printed)
  assert.match(printed, /Signed in as admin/)
  assert.equal([await curl(''), await curl('current_time_by_timezone')], ['200', '200'])
  assert.match((await gatehouse('whoami', '--env-file', settings)).stdout, 'mcp-registry-admin')
  const seal = readFileSync(cookieFile, 'utf8')
  await gatehouse('logout', '--env-file', settings)
  assert.throws(() => statSync(cookieFile))
  const gone = await fetch(`${demo.url}/oauth2/whoami`, { headers: { cookie: `mcp_gateway_session=${seal}` } })
  assert.is(((await gone.json()) as { reason: string }).reason, 'session_ended')
})

terminal('through the gateway: who cancels gives nothing away', async () => {
  const { code, printed } = await login(['--env-file', join(home, 'gateway.env')], (address) =>
    signInAt(address, 'DEMO_USER', (page) => page.getByRole('link', { name: 'Cancel' }).click()),
  )
  assert.is(code, 3, printed)
  assert.throws(() => statSync(cookieFile))
})

terminal.run()
