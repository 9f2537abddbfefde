import { type Credentials, findCredentials, MAX_SEAL, MAX_TOKEN } from '../../src/gate/credentials.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const credentials = suite('the credential that decides')

const NONE: Credentials = { kind: 'none' }
const bearer = (token: string): Credentials => ({ kind: 'bearer', token })
const session = (seal: string): Credentials => ({ kind: 'session', seal })
const malformed = (reason: (Credentials & { kind: 'malformed' })['reason']): Credentials => ({ kind: 'malformed', reason })

const BAD_HEADER = malformed('authorization_malformed')
const JWT = 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2lnbmF0dXJl'
const LONGEST = 'a'.repeat(MAX_TOKEN)

const AUTHORIZATION: [string, string | undefined, Credentials][] = [
  ['no header', undefined, NONE],
  ['an empty header', '', NONE],
  ['a bearer token', `Bearer ${JWT}`, bearer(JWT)],
  ['the scheme in lower case', `bearer ${JWT}`, bearer(JWT)],
  ['the scheme in odd case', `bEaReR ${JWT}`, bearer(JWT)],
  ['every character of a b64token', 'Bearer aZ09-._~+/==', bearer('aZ09-._~+/==')],
  ['the longest token', `Bearer ${LONGEST}`, bearer(LONGEST)],
  ['a token one character longer', `Bearer ${LONGEST}a`, malformed('token_too_large')],
  ['a token of 16 KB', `Bearer ${'a'.repeat(16_384)}`, malformed('token_too_large')],
  ['a token of 1 MB', `Bearer ${'a'.repeat(1_048_576)}`, malformed('token_too_large')],
  ['the scheme alone', 'Bearer', BAD_HEADER],
  ['the scheme and a space', 'Bearer ', BAD_HEADER],
  ['two spaces', `Bearer  ${JWT}`, BAD_HEADER],
  ['a tab for the space', `Bearer\t${JWT}`, BAD_HEADER],
  ['a space before the scheme', ` Bearer ${JWT}`, BAD_HEADER],
  ['a space after the token', `Bearer ${JWT} `, BAD_HEADER],
  ['a newline after the token', `Bearer ${JWT}\n`, BAD_HEADER],
  ['a line break in the token', `Bearer ${JWT}\r\nX-User: root`, BAD_HEADER],
  ['the token twice', `Bearer ${JWT}, Bearer ${JWT}`, BAD_HEADER],
  ['the scheme twice', `Bearer Bearer ${JWT}`, BAD_HEADER],
  ['a comma behind the token', `Bearer ${JWT},`, BAD_HEADER],
  ['a token in quotes', `Bearer "${JWT}"`, BAD_HEADER],
  ['a parameter behind the token', `Bearer ${JWT}; a=b`, BAD_HEADER],
  ['padding in the middle', 'Bearer a=b', BAD_HEADER],
  ['padding alone', 'Bearer ==', BAD_HEADER],
  ['a token alone', JWT, BAD_HEADER],
  ['another scheme', 'Basic YWdlbnQ6c2VjcmV0', BAD_HEADER],
  ['a scheme that begins like it', `BearerX ${JWT}`, BAD_HEADER],
  ['a letter that folds to one of the scheme', `Bea\u017fer ${JWT}`, BAD_HEADER],
  ['DPoP', `DPoP ${JWT}`, BAD_HEADER],
  ['a token with a letter outside of ASCII', 'Bearer tökén', BAD_HEADER],
  ['a NUL behind the token', `Bearer ${JWT}\u0000`, BAD_HEADER],
  ['a space only', ' ', BAD_HEADER],
]
for (const [what, header, expected] of AUTHORIZATION) {
  credentials(`Authorization: ${what}`, () => {
    assert.equal(findCredentials(header, undefined, 'sid'), expected)
  })
}

const COOKIES: [string, string | undefined, Credentials][] = [
  ['no header', undefined, NONE],
  ['an empty header', '', NONE],
  ['the session alone', 'sid=Fe26.2*1*a~2', session('Fe26.2*1*a~2')],
  ['the session among others', 'a=1; sid=seal; b=2', session('seal')],
  ['no space between cookies', 'a=1;sid=seal;b=2', session('seal')],
  ['spaces and tabs around', 'a=1;\t sid = seal \t; b=2', session('seal')],
  ['an equals sign in the value', 'sid=a=b', session('a=b')],
  ['the longest seal', `sid=${'a'.repeat(MAX_SEAL)}`, session('a'.repeat(MAX_SEAL))],
  ['a seal one character longer', `sid=${'a'.repeat(MAX_SEAL + 1)}`, malformed('session_malformed')],
  ['a seal of 64 KB', `sid=${'a'.repeat(65_536)}`, malformed('session_malformed')],
  ['a seal beside 64 KB of another cookie', `other=${'a'.repeat(65_536)}; sid=seal`, session('seal')],
  ['an empty seal', 'sid=', malformed('session_malformed')],
  ['two sessions', 'sid=a; sid=b', malformed('session_duplicated')],
  ['the same session twice', 'sid=a; sid=a', malformed('session_duplicated')],
  ['an empty one and a good one', 'sid=; sid=a', malformed('session_duplicated')],
  ['a good one and an overlong one', `sid=a; sid=${'a'.repeat(65_536)}`, malformed('session_duplicated')],
  ['the name in another case', 'SID=seal', NONE],
  ['a name that ends the same', 'xsid=seal', NONE],
  ['a name that begins the same', 'sidx=seal', NONE],
  ['the name without a value', 'sid', NONE],
  ['the name as a value', 'a=sid; b=sid=seal', NONE],
  ['no name', '=seal', NONE],
]
for (const [what, header, expected] of COOKIES) {
  credentials(`Cookie: ${what}`, () => {
    assert.equal(findCredentials(undefined, header, 'sid'), expected)
    assert.equal(findCredentials('', header, 'sid'), expected, 'an empty Authorization header is none')
  })
}

credentials('an unprefixed cookie does not count where the name has the __Host- prefix', () => {
  assert.equal(findCredentials(undefined, 'sid=planted', '__Host-sid'), NONE)
  assert.equal(findCredentials(undefined, 'sid=planted; __Host-sid=own', '__Host-sid'), session('own'))
  assert.equal(findCredentials(undefined, '__host-sid=planted', '__Host-sid'), NONE)
  // To a browser none of these has the prefix, so a sibling domain may set it.
  for (const odd of ['\u00a0', '\u2003', '\ufeff', '\v', '\f'])
    assert.equal(findCredentials(undefined, `${odd}__Host-sid=planted; __Host-sid${odd}=planted`, '__Host-sid'), NONE, JSON.stringify(odd))
})

const BOTH: [string, string, string, Credentials][] = [
  ['the token goes before the cookie', `Bearer ${JWT}`, 'sid=seal', bearer(JWT)],
  ['a malformed header is not rescued by a good cookie', 'Bearer', 'sid=seal', BAD_HEADER],
  ['another scheme is not rescued by a good cookie', 'Basic YQ==', 'sid=seal', BAD_HEADER],
  ['a token that is too long is not rescued by a good cookie', `Bearer ${LONGEST}a`, 'sid=seal', malformed('token_too_large')],
  ['a good token is not spoilt by two cookies', `Bearer ${JWT}`, 'sid=a; sid=b', bearer(JWT)],
]
for (const [what, authorization, cookie, expected] of BOTH) {
  credentials(`both: ${what}`, () => {
    assert.equal(findCredentials(authorization, cookie, 'sid'), expected)
  })
}

credentials.run()
