/** The frame of every page, and how a page becomes the text of a document. */
import type { Child } from 'hono/jsx'
import { ASSETS } from '../assets.ts'

/** What a page component gives. */
export type Page = { toString(): string | Promise<string> }

/** The gate, drawn; for the head of the page and, as data, for the tab. */
const GATE = 'M3 28V14a13 13 0 0 1 26 0v14h-6V14a7 7 0 0 0-14 0v14zM14.5 15h3v13h-3z'
const ICON = `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#0f8f82" d="${GATE}"/></svg>`,
)}`

interface LayoutProps {
  title: string
  /** One short column in the middle, for pages that say or ask one thing. */
  narrow?: boolean
  /** At the right end of the head. */
  action?: Child
  children?: Child
}

export const Layout = ({ title, narrow = false, action, children }: LayoutProps) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="robots" content="noindex" />
      <title>{`${title} · Gatehouse`}</title>
      <link rel="icon" href={ICON} />
      <link rel="stylesheet" href={ASSETS['style.css'].href} />
      <script src={ASSETS['copy.js'].href} defer></script>
    </head>
    <body class={narrow ? 'narrow' : undefined}>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href="/oauth2/">
          <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
            <path fill="currentColor" d={GATE} />
          </svg>
          Gatehouse
        </a>
        {action}
      </header>
      <main id="content" tabindex={-1}>
        {children}
      </main>
      <footer class="foot">Gatehouse guards the MCP servers of this gateway.</footer>
      <p id="copied" class="hidden" role="status"></p>
    </body>
  </html>
)

/** The whole document, for an answer of type text/html. */
export function page(element: Page): string | Promise<string> {
  const body = element.toString()
  return typeof body === 'string' ? document(body) : body.then(document)
}

const document = (body: string): string => `<!doctype html>\n${body}\n`
