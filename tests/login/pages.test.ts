import { remaining } from '../../src/login/pages/time.tsx'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import {
  accessPage,
  COOKIE,
  errorPage,
  everyPage,
  fullAccess,
  handoverPage,
  logoutPage,
  NOBODY,
  PROGRAM,
  signedOutPage,
  signInPage,
} from './every_page.ts'
import { named, read, valuesOf } from './markup.ts'

const pages = suite('what the pages say')

/** Address, method and fields of the forms. */
const formsOf = (html: string): string[] =>
  named(read(html).tags, 'form').map(({ attributes }) => `${attributes.get('method')} ${attributes.get('action')}`)
const linksOf = (html: string): string[] => named(read(html).tags, 'a').map(({ attributes }) => attributes.get('href') ?? '')

pages('signing in is a link, which takes the way back along', () => {
  assert.ok(linksOf(signInPage(null)).includes('/oauth2/login/cognito'))
  const next = 'https://mcp.example.com/a?b=c&d=é#f'
  const html = signInPage(next)
  assert.ok(linksOf(html).includes(`/oauth2/login/cognito?redirect_uri=${encodeURIComponent(next)}`))
  assert.match(read(html).text, `Afterwards you go to ${next}`)
  assert.not.match(read(signInPage(null)).text, 'Afterwards')
})

pages('a gateway where nobody can sign in says so, and to the operator what is missing', () => {
  const html = signInPage('https://mcp.example.com/', false)
  assert.match(read(html).text, /Sign-in is not set up on this gateway\..*COGNITO_CLIENT_ID/)
  assert.not.match(html, '/oauth2/login')
})

pages('signing out is a form, never a link', () => {
  for (const html of [logoutPage('alice'), accessPage(fullAccess('alice')), accessPage(NOBODY)]) {
    assert.equal(formsOf(html), ['post /oauth2/logout/cognito'])
    assert.equal(
      linksOf(html).filter((href) => href.includes('logout')),
      [],
    )
  }
  assert.match(read(logoutPage('alice')).text, 'You are signed in as alice.')
  assert.ok(linksOf(logoutPage('alice')).includes('/oauth2/'))
})

pages('signing out takes the way on along, and says it', () => {
  const html = logoutPage('alice', '/a?b=c&d')
  assert.equal(formsOf(html), ['post /oauth2/logout/cognito?redirect_uri=%2Fa%3Fb%3Dc%26d'])
  assert.match(read(html).text, 'Afterwards you go to /a?b=c&d')
})

pages('who has to sign in again learns why', () => {
  assert.match(read(signInPage(null, true, 'The session has expired.')).text, 'The session has expired.')
})

pages('after signing out there is a way in again', () => {
  assert.ok(linksOf(signedOutPage()).includes('/oauth2/login/cognito'))
})

pages('an error tells what happened, what to do, and by which id to ask', () => {
  assert.match(read(errorPage('It broke.', 'r-1')).text, /It broke\.It broke\..*r-1/)
  assert.not.match(read(errorPage('It broke.')).text, 'request')
  assert.ok(linksOf(errorPage('It broke.')).includes('/oauth2/'))
})

pages('a handover names who, where and the code, and sends the grant alone', () => {
  const html = handoverPage('K7QX-2M9F')
  assert.equal(formsOf(html), ['post /oauth2/handover'])
  const [grant, ...others] = named(read(html).tags, 'input')
  // Nobody agrees by one click, which a page that covered this one could have asked for.
  assert.equal(
    others.map(({ attributes }) => [attributes.get('type'), attributes.get('name'), attributes.has('required')]),
    [['checkbox', 'compared', true]],
  )
  assert.equal(Object.fromEntries(grant?.attributes ?? []), { type: 'hidden', name: 'grant', value: 'K7QX-2M9F' })
  assert.match(read(html).text, 'If you did not just run gatehouse login on this computer, do not allow it.')
  assert.ok(linksOf(html).includes(`${PROGRAM}?error=K7QX-2M9F`))
})

pages('a user without rights learns why and whom to ask', () => {
  const group = (name: string, mapped = false) => ({ name, mapped, scopes: [] })
  const of = (...groups: ReturnType<typeof group>[]): string => read(accessPage({ ...NOBODY, groups })).text
  assert.match(of(), 'you are in none that the gateway’s scopes.yml knows.')
  assert.match(of(group('hr')), 'You are in the group hr, and it is not in scopes.yml.')
  assert.match(of(group('hr'), group('payroll')), 'You are in the groups hr and payroll, and none of them is in scopes.yml.')
  assert.match(of(group('hr'), group('pages', true)), 'none of them is mapped to any MCP server in scopes.yml.')
  assert.match(of(), 'Ask the operator')
})

pages('the end of the session for people and for programs', () => {
  const html = accessPage({ ...NOBODY, now: 1_772_000_000, endsAt: 1_772_000_000 + 28_799 })
  assert.match(html, '<time datetime="2026-02-25T14:13Z">2026-02-25 14:13 UTC</time>, in 7 h 59 min')
})

const REMAINING: [number, string][] = [
  [-1, 'which has passed'],
  [0, 'which has passed'],
  [59, 'in less than a minute'],
  [60, 'in 1 min'],
  [3599, 'in 59 min'],
  [3600, 'in 1 h 0 min'],
  [86_399, 'in 23 h 59 min'],
  [2_592_000, 'in 30 d 0 h'],
]
for (const [seconds, expected] of REMAINING) {
  pages(`${seconds} seconds: ${expected}`, () => {
    assert.is(remaining(seconds), expected)
  })
}

pages('invisible characters are shown by number, and no name turns its surroundings around', () => {
  const html = logoutPage('a\u202Eb\u200Bc\u00A0d\u0000e\uD800f g')
  assert.match(html, /<bdi>a<span class="invisible">U\+202E<\/span>b/)
  assert.match(read(html).text, 'aU+202EbU+200BcU+00A0dU+0000eU+D800f g.')
  assert.not.match(html, /[\u202E\u200B\u00A0\u0000]/)
})

pages('long lists are closed, endless ones cut', () => {
  const because = [{ scope: 't/call', groups: ['dev'] }]
  const tools = (count: number) => Array.from({ length: count }, (_, index) => ({ kind: 'tool' as const, name: `tool-${index}.`, because }))
  const of = (count: number): string =>
    accessPage({ ...NOBODY, servers: [{ name: 'now', url: 'https://mcp.example.com/now/mcp', rights: tools(count) }] })
  assert.not.match(of(24), '24 tools')
  assert.match(of(25), '<summary>25 tools</summary>')
  assert.match(of(1000), /<summary>1,000 tools<.*tool-999\./)
  assert.match(read(of(12_000)).text, /12,000 tools.*tool-1999\.and 10,000 more/)
})

pages('the configuration is the URL and can be copied; for programs that cannot sign in the cookie of this gateway is named', () => {
  const { tags, text } = read(accessPage(fullAccess('now')))
  assert.match(text, /claude mcp add --transport http now https:\/\/mcp\.example\.com\/0\/mcp\n/)
  assert.match(text, `send your session instead, as a cookie named ${COOKIE}: gatehouse login`)
  assert.ok(valuesOf(tags, 'data-copy').length >= 6)
})

pages('a user of every server alone gets a pattern', () => {
  const { text } = read(accessPage({ ...fullAccess('now'), servers: [] }))
  assert.match(text, 'Replace NAME by the name of a server.')
  assert.match(text, 'https://mcp.example.com/NAME/mcp')
})

pages('no page says what it should not know', () => {
  for (const [what, html] of everyPage('x')) assert.not.match(html, /undefined|\[object|NaN/, what)
})

pages.run()
