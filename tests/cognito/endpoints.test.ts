import { domainUrl } from '../../src/cognito/endpoints.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const domains = suite("the domain of a pool's OAuth endpoints")

const CONSOLE_PREFIX = 'https://us-east-1abcdefghi.auth.us-east-1.amazoncognito.com'
const TABLE: [string, string | undefined, string | null][] = [
  ['left out', undefined, CONSOLE_PREFIX],
  ['a prefix', 'my-company', 'https://my-company.auth.us-east-1.amazoncognito.com'],
  ['a prefix of one character', 'a', 'https://a.auth.us-east-1.amazoncognito.com'],
  ['a prefix of digits', '123', 'https://123.auth.us-east-1.amazoncognito.com'],
  ['the longest prefix', 'a'.repeat(63), `https://${'a'.repeat(63)}.auth.us-east-1.amazoncognito.com`],
  ['a host', 'auth.example.com', 'https://auth.example.com'],
  ['a host with a port', 'auth.example.com:8443', 'https://auth.example.com:8443'],
  ['a URL', 'https://auth.example.com', 'https://auth.example.com'],
  ['a URL with a final slash', 'https://auth.example.com/', 'https://auth.example.com'],
  ['a URL with the usual port', 'https://auth.example.com:443', 'https://auth.example.com'],
  ['a URL with the host in upper case', 'https://Auth.Example.com', 'https://auth.example.com'],
  ['http on the loopback by name', 'http://localhost:9000', 'http://localhost:9000'],
  ['http on the loopback by number', 'http://127.0.0.1:9000', 'http://127.0.0.1:9000'],
  ['http on the loopback of IPv6', 'http://[::1]:9000', 'http://[::1]:9000'],
  ['http elsewhere', 'http://auth.example.com', null],
  ['http on a host that begins like the loopback', 'http://localhost.evil.example', null],
  ['a URL with a path', 'https://auth.example.com/oauth2', null],
  ['a host with a path', 'auth.example.com/oauth2/token', null],
  ['a URL with a query', 'https://auth.example.com/?a', null],
  ['a URL with a fragment', 'https://auth.example.com/#a', null],
  ['a URL with a user', 'https://user:secret@auth.example.com', null],
  ['another scheme', 'ftp://auth.example.com', null],
  ['a file', 'file:///etc/passwd', null],
  ['a script', 'javascript://x', null],
  ['empty', '', null],
  ['white space', 'my company', null],
  ['a prefix that begins with a hyphen and a bad host', '-a b', null],
]
for (const [what, domain, expected] of TABLE) {
  domains(`${what} ${expected === null ? 'is no domain' : `is ${expected.slice(0, 60)}`}`, () => {
    assert.is(domainUrl(domain, 'us-east-1_AbCdEfGhI', 'us-east-1'), expected)
  })
}

domains.run()
