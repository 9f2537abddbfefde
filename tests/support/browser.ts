/** A real browser, headless: Debian's Chromium. */
import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

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
  // Root cannot use Chromium's sandbox.
  const browser: Browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
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

/** Fills in the login form of the pool's stand-in. */
export async function signIn(page: Page, { username, password }: { username: string; password: string }): Promise<void> {
  await page.getByLabel('Username').fill(username)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}
