import { parseValkeyUrl } from '../../src/session/valkey_url.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const urls = suite('the URL of a Valkey server')

const PLAIN = { host: 'cache', port: 6379, tls: false, database: 0 }
const NAMED = { ...PLAIN, tls: true, servername: 'cache' }

for (const [url, expected] of [
  ['redis://cache', PLAIN],
  ['valkey://cache/', PLAIN],
  ['rediss://cache', NAMED],
  ['valkeys://cache', NAMED],
  ['VALKEYS://cache', NAMED],
  ['redis://cache:7000/15', { ...PLAIN, port: 7000, database: 15 }],
  ['redis://gate:secret@cache', { ...PLAIN, username: 'gate', password: 'secret' }],
  ['redis://:secret@cache', { ...PLAIN, password: 'secret' }],
  ['redis://:p%2Fs%40s%20%25@cache', { ...PLAIN, password: 'p/s@s %' }],
  ['redis://:p@ss@cache', { ...PLAIN, password: 'p@ss' }],
  ['rediss://10.0.0.9:6380', { ...PLAIN, host: '10.0.0.9', port: 6380, tls: true }],
  ['rediss://[::1]', { ...PLAIN, host: '::1', tls: true }],
] as const) {
  urls(`${url} is understood`, () => assert.equal(parseValkeyUrl(url), expected))
}

for (const url of [
  '',
  'cache',
  'cache:6379',
  'redis:cache',
  'redis://',
  'redis:///0',
  'redis://:hunter2@',
  'http://:hunter2@cache',
  'redis+tls://:hunter2@cache',
  'redissss://:hunter2@cache',
  'unix:///var/run/hunter2.sock',
  'redis://:hunter2@cache/main',
  'redis://:hunter2@cache/0/1',
  'redis://:hunter2@cache/-1',
  'redis://:hunter2@cache/1e3',
  'redis://:hunter2@cache:70000',
  'redis://:hunter2@cache?ssl_cert_reqs=none',
  'redis://:hunter2@cache/#0',
  'redis://:hunter2/x@cache',
  'redis://:hunter2#x@cache',
  'redis://:hunter2%@cache',
  'redis://:hunter2%ff@cache',
]) {
  urls(`"${url}" is refused without showing it`, () => {
    try {
      parseValkeyUrl(url)
    } catch (error) {
      assert.instance(error, TypeError)
      assert.not.match(JSON.stringify([String(error), (error as Error).stack, { ...(error as Error) }]), /hunter2/)
      return
    }
    assert.unreachable('it was taken')
  })
}

urls.run()
