/** A real browser, headless: Debian's Chromium. */
import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { within } from './within.ts'

export type { Page }

export interface Chromium {
  /** A browser without a past. What its pages report as an error is added to `complaints`. */
  visitor(options?: BrowserContextOptions): Promise<BrowserContext>
  /** Errors on the console: violated policies, failed scripts. */
  complaints: string[]
  close(): Promise<void>
}

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

export async function startChromium(): Promise<Chromium> {
  const executablePath = process.env.CHROMIUM_BIN || PATHS.find((path) => existsSync(path))
  if (executablePath === undefined) throw new Error('Chromium is not installed. On Debian: apt-get install chromium')
  // One that hangs from its birth says nothing of the gate.
  const browser = await launch(executablePath).catch(() => launch(executablePath))
  const complaints: string[] = []
  return {
    visitor: async (options) => {
      const context = await browser.newContext(options)
      context.on('console', (message) => {
        if (message.type() === 'error') complaints.push(`${message.page()?.url()}: ${message.text()}`)
      })
      context.on('weberror', (error) => complaints.push(String(error.error())))
      return context
    },
    complaints,
    close: () => browser.close(),
  }
}

/** Milliseconds that a browser may take until it has shown an empty page. */
const BIRTH = 30_000

async function launch(executablePath: string): Promise<Browser> {
  // Root cannot use Chromium's sandbox.
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'], timeout: BIRTH })
  const page = async (): Promise<void> => (await browser.newPage()).close()
  try {
    await within(BIRTH, page)()
    return browser
  } catch (error) {
    await within(BIRTH, () => browser.close())()
    throw error
  }
}

/** Fills in the login form of the pool's stand-in. */
export async function signIn(page: Page, { username, password }: { username: string; password: string }): Promise<void> {
  await page.getByLabel('Username').fill(username)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}
