/** The pages that a browser sees when it comes back from a login. Nothing of a request appears in them. */
import type { ServerResponse } from 'node:http'

const PAGES = {
  done: [200, 'Signed in', 'You can close this window and go back to the terminal.'],
  failed: [400, 'Login failed', 'Login failed: see the terminal. You can close this window.'],
  over: [410, 'Already over', 'This login is over. You can close this window.'],
  foreign: [400, 'Another login', 'This is not an answer to the login that is under way. Nothing was done.'],
  nothing: [404, 'Not found', 'There is nothing here.'],
} as const

export type PageName = keyof typeof PAGES

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  connection: 'close',
}

/** Milliseconds after which a client that does not take its page is left. */
const PATIENCE = 1000

/** Resolves when the page is on its way, or nobody wants it any more. */
export function sendPage(response: ServerResponse, name: PageName): Promise<void> {
  const [status, title, text] = PAGES[name]
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1><p>${text}</p></html>\n`
  return new Promise((resolve) => {
    if (response.destroyed) return resolve()
    const timer = setTimeout(resolve, PATIENCE)
    response.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
    response.writeHead(status, { ...HEADERS, 'content-length': Buffer.byteLength(html) }).end(html)
  })
}
