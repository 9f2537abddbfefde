/** Hostile authorization requests in the name of MCP clients: who cannot be trusted to be the client hears nothing, everybody else why not. */

import { ask, CALLBACK, challengeOf, STATE, VERIFIER } from '../oauth/client_case.ts'
import type { LoginWorld } from '../support/login_world.ts'
import { type LoginCase, runLoginTable } from './login_case.ts'

type Changes = Record<string, string | null>

/** Nobody is sent anywhere. */
const stopped = (name: string, changes: Changes, reason: LoginCase['reason'], more: string[][] = []): LoginCase => ({
  id: '226',
  name,
  attack: async (w, browser) => {
    if (more.length === 0) return ask(w, browser, changes)
    const query = [...new URL(await urlOf(w, changes)).searchParams, ...more].map((pair) => pair.map(encodeURIComponent).join('='))
    return browser.get(`${w.url}/oauth2/authorize?${query.join('&')}`)
  },
  status: 400,
  ...(reason === undefined ? {} : { reason }),
})

async function urlOf(w: LoginWorld, changes: Changes): Promise<string> {
  const { authorizeUrl } = await import('../oauth/client_case.ts')
  return authorizeUrl(w, changes)
}

/** The client at the good address hears an error, with its state and the issuer. */
const told = (name: string, changes: Changes, error: string, more: string[][] = [], state: string | null = STATE): LoginCase => ({
  ...stopped(name, changes, undefined, more),
  status: 302,
  location: (location, { url }) => {
    const { origin, pathname, searchParams } = new URL(location)
    return (
      origin + pathname === CALLBACK &&
      searchParams.get('error') === error &&
      searchParams.get('state') === state &&
      searchParams.get('iss') === url &&
      !searchParams.has('code')
    )
  },
})

const name = (text: string): string => Buffer.from(text).toString('base64url')

const CLIENT_IDS: [string, string | null][] = [
  ['no client', null],
  ['an empty client', ''],
  ['another client of the pool', 'webpublic'],
  ['the client in capitals', 'WEB'],
  ['the client with a space', 'web '],
  ['the client with a name that is none', 'web.'],
  ['a name that is not base64url', 'web.%%%'],
  ['a name in standard base64', `web.${Buffer.from('???').toString('base64')}`],
  ['a name with padding', `web.${name('ab')}==`],
  ['a name with spare bits', 'web.QR'],
  ['a name that is not UTF-8', `web.${Buffer.from([0xff, 0xfe]).toString('base64url')}`],
  ['a name that is too long', `web.${name('x'.repeat(65))}`],
  ['a name for another client', `webpublic.${name('x')}`],
  ['the client twice', 'web.web'],
  ['a document by http', 'http://client.example/metadata.json'],
  ['a document at the loopback', 'https://localhost/metadata.json'],
  ['a document at an address', 'https://127.0.0.1/metadata.json'],
  ['a document at a private address', 'https://10.0.0.1/metadata.json'],
  ['a document where clouds tell secrets', 'https://169.254.169.254/latest/meta-data/'],
  ['a document at a number', 'https://2130706433/metadata.json'],
  ['a document at an IPv6 address', 'https://[::1]/metadata.json'],
  ['a document at a mapped address', 'https://[::ffff:127.0.0.1]/metadata.json'],
  ['a document with a password', 'https://user:pw@client.example/metadata.json'],
  ['a document at another port', 'https://client.example:8443/metadata.json'],
  ['a document with a fragment', 'https://client.example/metadata.json#x'],
  ['a document that is only a host', 'https://client.example/'],
  ['a document by dots', 'https://client.example/a/../metadata.json'],
  ['a file', 'file:///etc/passwd'],
  ['markup', '<script>alert(1)</script>'],
  ['the prototype', '__proto__'],
]

const REDIRECTS: [string, string | null][] = [
  ['no address', null],
  ['an empty address', ''],
  ['a site', 'https://evil.example/callback'],
  ['a site by http', 'http://evil.example/callback'],
  ['a known path of another site', 'https://evil.example/api/mcp/auth_callback'],
  ['a known address and more', 'https://claude.ai/api/mcp/auth_callback/x'],
  ['a known address with a query', 'https://claude.ai/api/mcp/auth_callback?x=1'],
  ['a known address with a slash', 'https://claude.ai/api/mcp/auth_callback/'],
  ['a known address in capitals', 'https://CLAUDE.ai/api/mcp/auth_callback'],
  ['a known address with a port', 'https://claude.ai:443/api/mcp/auth_callback'],
  ['a known address with a user', 'https://claude.ai@evil.example/api/mcp/auth_callback'],
  ['a known address by dots', 'https://claude.ai/x/../api/mcp/auth_callback'],
  ['a known address by escapes', 'https://claude.ai/api/mcp/%61uth_callback'],
  ['a known host below another', 'https://claude.ai.evil.example/api/mcp/auth_callback'],
  ['a pattern with a second segment', 'https://chatgpt.com/connector/oauth/a/b'],
  ['a pattern with nothing in it', 'https://chatgpt.com/connector/oauth/'],
  ['a known scheme and another path', 'cursor://anysphere.cursor-mcp/other'],
  ['another scheme', 'evil://callback'],
  ['a script', 'javascript:alert(1)'],
  ['a script behind a slash', 'javascript://127.0.0.1/%0aalert(1)'],
  ['data', 'data:text/html,x'],
  ['a loopback by a name', 'http://localhost.evil.example:1234/callback'],
  ['a loopback by a user', 'http://127.0.0.1@evil.example:1234/callback'],
  ['a loopback by a user with a port', 'http://localhost:1@evil.example/callback'],
  ['a loopback by https', 'https://localhost:1234/callback'],
  ['another loopback', 'http://127.0.0.2:1234/callback'],
  ['every address', 'http://0.0.0.0:1234/callback'],
  ['a loopback in hex', 'http://0x7f.1:1234/callback'],
  ['a loopback as a number', 'http://2130706433:1234/callback'],
  ['a loopback in octal', 'http://0177.0.0.1:1234/callback'],
  ['a loopback with a dot', 'http://localhost.:1234/callback'],
  ['a loopback mapped', 'http://[::ffff:127.0.0.1]:1234/callback'],
  ['port 0', 'http://127.0.0.1:0/callback'],
  ['port 65536', 'http://127.0.0.1:65536/callback'],
  ['a port with a sign', 'http://127.0.0.1:+80/callback'],
  ['a fragment', `${CALLBACK}#x`],
  ['an empty fragment', `${CALLBACK}#`],
  ['dots', 'http://127.0.0.1:1234/a/../callback'],
  ['escaped dots', 'http://127.0.0.1:1234/%2e%2e/callback'],
  ['a backslash', 'http://127.0.0.1:1234\\@evil.example/callback'],
  ['a tab', 'http://127.0.0.1:1234/call\tback'],
  ['a line end', 'http://127.0.0.1:1234/callback\r\nX: y'],
  ['a space at the end', `${CALLBACK} `],
  ['a letter beyond ASCII', 'http://127.0.0.1:1234/cällback'],
  ['600 characters', `http://127.0.0.1:1234/${'x'.repeat(600)}`],
]

const OWN: [string, (w: LoginWorld) => string][] = [
  ['the gateway itself', (w) => `${w.url}/currenttime/x`],
  ['the gateway by another name', (w) => `${w.url.replace('localhost', '127.0.0.1')}/currenttime/x`],
  ['the gateway by its IPv6 name', (w) => `${w.url.replace('localhost', '[::1]')}/currenttime/x`],
]

const twice = (parameter: string, value: string) => [[parameter, value]]
const CASES: LoginCase[] = [
  ...CLIENT_IDS.map(([what, client_id]) => stopped(`client: ${what}`, { client_id }, undefined)),
  ...REDIRECTS.map(([what, redirect_uri]) => stopped(`callback: ${what}`, { redirect_uri }, undefined)),
  ...OWN.map(
    ([what, uri]): LoginCase => ({
      ...stopped(`callback: ${what}`, {}, 'callback_not_allowed'),
      attack: (w, browser) => ask(w, browser, { redirect_uri: uri(w) }),
    }),
  ),
  stopped('two clients', {}, 'request_malformed', twice('client_id', 'web')),
  stopped('two callbacks', {}, 'request_malformed', twice('redirect_uri', CALLBACK)),
  told('no response type', { response_type: null }, 'unsupported_response_type'),
  told('an implicit grant', { response_type: 'token' }, 'unsupported_response_type'),
  told('a hybrid', { response_type: 'code id_token' }, 'unsupported_response_type'),
  told('two response types', {}, 'invalid_request', twice('response_type', 'code')),
  told('two states', {}, 'invalid_request', twice('state', 'another'), null),
  told('two challenges', {}, 'invalid_request', twice('code_challenge', challengeOf(VERIFIER))),
  told('two scopes', {}, 'invalid_request', twice('scope', 'test/all')),
  told('a state of 2049 characters', { state: 's'.repeat(2049) }, 'invalid_request', [], null),
  told('no challenge', { code_challenge: null }, 'invalid_request'),
  told('no challenge at all', { code_challenge: null, code_challenge_method: null }, 'invalid_request'),
  told('a plain challenge', { code_challenge_method: 'plain' }, 'invalid_request'),
  told('a challenge without a method, which means plain', { code_challenge_method: null }, 'invalid_request'),
  told('a method in small letters', { code_challenge_method: 's256' }, 'invalid_request'),
  told('a challenge of 42 characters', { code_challenge: 'c'.repeat(42) }, 'invalid_request'),
  told('a challenge of 44 characters', { code_challenge: 'c'.repeat(44) }, 'invalid_request'),
  told('a challenge in standard base64', { code_challenge: `${'c'.repeat(42)}+` }, 'invalid_request'),
  told('another resource', { resource: 'https://evil.example/mcp' }, 'invalid_target'),
  told('an unknown server', { resource: 'http://localhost/nothing/mcp' }, 'invalid_target'),
  told('a resource that is no URL', { resource: 'currenttime' }, 'invalid_target'),
  told('a silent login that nobody has agreed to', { prompt: 'none' }, 'consent_required'),
]

runLoginTable('authorization requests of MCP clients', CASES)
