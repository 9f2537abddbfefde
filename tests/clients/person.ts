/** A person with a browser, to whom MCP clients send addresses: agrees, signs in, and the client gets its answer. */
import type { Chromium, Page } from '../support/browser.ts'
import { signIn } from '../support/browser.ts'

export interface Person {
  /**
   * Opens the address and does what the pages ask for, until the browser is where the client waits.
   * @returns what was asked on the way: nothing when agreement and sign-in are remembered
   */
  follow(address: string | URL): Promise<Array<'consent' | 'login'>>
  close(): Promise<void>
}

/** @param waiting what the addresses begin with at which clients wait for answers */
export async function createPerson(chromium: Chromium, user: { username: string; password: string }, waiting: RegExp): Promise<Person> {
  const context = await chromium.visitor()
  const answer = async (page: Page): Promise<'consent' | 'login' | null> => {
    const allow = page.getByRole('button', { name: 'Allow' })
    const username = page.getByLabel('Username')
    const shown = allow.or(username)
    await Promise.race([page.waitForURL(waiting), shown.waitFor()])
    if (waiting.test(page.url())) return null
    if ((await allow.count()) === 0) {
      await signIn(page, user)
      return 'login'
    }
    await allow.click()
    return 'consent'
  }
  return {
    follow: async (address) => {
      const page = await context.newPage()
      const asked: Array<'consent' | 'login'> = []
      await page.goto(String(address))
      for (let next = await answer(page); next !== null; next = await answer(page)) asked.push(next)
      return asked
    },
    close: () => context.close(),
  }
}
