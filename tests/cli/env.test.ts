/** Settings files: what is read from them, in which order, and what is said of lines that say nothing. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readEnvironment } from '../../src/cli/env.ts'
import { scopesFileOf } from '../../src/settings.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-env-'))
const file = (name: string, text: string | Buffer): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}
const read = (text: string | Buffer, environment = {}): unknown => readEnvironment([file('.env', text)], environment)

const reading = suite('settings files')
reading.after(() => rmSync(folder, { recursive: true }))
for (const [what, text, expected] of [
  ['nothing', '', {}],
  ['lines, comments, blanks', '# A=0\n\n  # B=0\nA=1\n \t\nB = 2 # two\n', { A: '1', B: '2' }],
  ['export', 'export A=1\n', { A: '1' }],
  ['no value', 'A=\nB=2', { A: '', B: '2' }],
  ['line ends of Windows', 'A=1\r\n\r\n# c\r\nB=2\r\n', { A: '1', B: '2' }],
  ['a byte order mark', '\ufeffA=1\nB=2', { A: '1', B: '2' }],
  ['quotes', `A="1 # one"\nB='2'\nC=\`3\`\n`, { A: '1 # one', B: '2', C: '3' }],
  ['quotes over lines', 'A="x\ny: z\n#B\n\nc=1=="\nD=2', { A: 'x\ny: z\n#B\n\nc=1==', D: '2' }],
  ['other quotes in quotes', `A='{"a":"b"}'\nB="it's"`, { A: '{"a":"b"}', B: "it's" }],
  ['a quote within a value', "A=it's: so\nB=2", { A: "it's: so", B: '2' }],
] as const) {
  reading(what, () => assert.equal(read(text), expected))
}
for (const [what, text, problem] of [
  ['a colon', 'A=1\nSECRET_KEY: very-private\nB=2\n', 'line 2 is neither a comment nor NAME=value'],
  ['a colon before what is in base64', 'SECRET_KEY: very-private==\n', 'line 1 is neither'],
  ['a value that goes on', 'A=1\n\nSECRET_KEY=very-\n  private: b\n', 'line 4 is neither'],
  ['a line behind one in quotes over lines', 'A="x\ny"\nvery private\n', 'line 3 is neither'],
  ['a name alone', 'A=1\nMCP_REDIRECT_URIS\nB=2\n', 'line 2 is neither'],
  ['a quote that is not closed', 'A=1\nSECRET_KEY="very-private\nB=2\n', 'line 2 is neither'],
  ['a quote that another one closes', 'A=1\nOTHER="oops\nSECRET_KEY=very-private\nFOO="x"\n', 'line 2, and 1 more, is neither'],
  ['a quote that another one closes, with export', "A='oops\n export SECRET_KEY=very-private\nFOO='x'\n", 'line 1, and 1 more, is neither'],
  ['a quote after a blank that is not closed', 'A= "very-private\nB=2', 'line 1 is neither'],
  ['no name', '=very-private\n', 'line 1 is neither'],
  ['several', 'very: private\nA=1\nvery private\n- private\n', 'line 1, and 2 more, is neither'],
  ['another encoding', Buffer.from('\ufeffSECRET_KEY=private\r\n', 'utf16le'), 'line 1'],
] as const) {
  reading(`a line that says nothing: ${what}`, () => {
    assert.throws(
      () => read(text),
      ({ name, message }: Error) => name === 'ConfigError' && message.includes(`.env: ${problem}`) && !message.includes('private'),
    )
  })
}
reading('the environment goes before files, the first file before later ones', () => {
  const files = [file('first', 'A=first\nB=first\n'), file('second', 'A=second\nB=second\nC=second\n')]
  assert.equal(readEnvironment(files, { A: 'environment' }), { A: 'environment', B: 'first', C: 'second' })
})
reading('a file without a name is told as that', () => {
  assert.throws(() => readEnvironment([''], {}), /- --env-file names no file: what it is given is empty$/)
})
reading('what is wrong is said of all files at once', () => {
  const files = [join(folder, 'none'), file('colon', 'A: 1'), file('good', 'A=1')]
  assert.throws(() => readEnvironment(files, {}), /none cannot be read: ENOENT\n.*colon: line 1/)
})
reading('the name of the policy file is not told where the line of a secret has run into it', () => {
  assert.is(scopesFileOf({}), 'scopes.yml')
  assert.is(scopesFileOf({ SCOPES_FILE: ' other.yml ' }), 'other.yml')
  assert.throws(
    () => scopesFileOf({ SCOPES_FILE: 'us\nSECRET_KEY=very-private' }),
    ({ message }: Error) => message.includes('SCOPES_FILE holds the line of SECRET_KEY too') && !message.includes('private'),
  )
})
reading.run()
