/** The two pages a browser sees. Both say that they are not Amazon's. */
import type { Context } from 'hono'
import { html } from 'hono/html'

type Html = ReturnType<typeof html>

const STYLE = `body { font: 1rem/1.5 system-ui, sans-serif; max-width: 24rem; margin: 3rem auto; padding: 0 1rem; color: #1b1b1b; background: #fff }
.notice { border: 2px solid #8a5a00; background: #fff4d6; padding: .5rem .75rem; font-weight: 600 }
.problem { color: #a10000 }
label { display: block; margin-top: 1rem }
input { font: inherit; width: 100%; box-sizing: border-box; padding: .5rem; border: 1px solid #595959 }
button { font: inherit; margin-top: 1.5rem; padding: .5rem 1.5rem }`

const HEADERS = {
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
}

function page(title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} - LOCAL STAND-IN, NOT AMAZON COGNITO</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<p class="notice">LOCAL STAND-IN, NOT AMAZON COGNITO. For development on this machine only: type no real password here.</p>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`
}

/**
 * The sign-in form. It posts to the address it came from, as Cognito's does.
 * @param csrf the value of the XSRF-TOKEN cookie
 * @param problem shown above the fields
 */
export function loginPage(c: Context, csrf: string, status: 200 | 403, problem?: string) {
  const { pathname, search } = new URL(c.req.url)
  const notice = problem === undefined ? '' : html`<p class="problem" id="problem" role="alert">${problem}</p>`
  const body = html`<form method="post" action="${pathname}${search}">
${notice}
<input type="hidden" name="_csrf" value="${csrf}">
<label for="username">Username</label>
<input id="username" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button type="submit" name="signInSubmitButton">Sign in</button>
</form>`
  return c.html(page('Sign in', body), status, HEADERS)
}

/** Status 400 and Amazon's sentence, whatever went wrong. */
export function errorPage(c: Context, detail: string) {
  const body = html`<p>An error was encountered with the requested page.</p>
<p><code>${detail}</code></p>`
  return c.html(page('Error', body), 400, HEADERS)
}
