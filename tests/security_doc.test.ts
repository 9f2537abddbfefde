/** SECURITY.md names a test for each promise: each is there, and so is every document that it leads to. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from './support/assert.ts'
import { root } from './support/gateway.ts'
import { suite } from './support/suite.ts'

const security = suite('SECURITY.md')
const text = readFileSync(join(root, 'SECURITY.md'), 'utf8')
const rows = (text.split('| promise | test |\n|---|---|\n')[1] ?? '').split('\n').filter((line) => line !== '')

/** `FILE`: "title", "title" · `FILE`: "title" */
const TESTS = /`(tests\/[\w/.]+\.ts)`: ("[^"]+"(?:, "[^"]+")*)/g

/** Titles in a file of tests; of those that are made from values the parts that are always the same. */
function titlesIn(file: string): string[] {
  const source = readFileSync(join(root, file), 'utf8')
  return [...source.matchAll(/'((?:[^'\\\n]|\\.)+)'|"([^"\n]+)"|`([^`]+)`/g)].flatMap(([, single, double, made]) =>
    (single ?? double ?? '') === '' ? (made ?? '').split(/\$\{[^}]*\}/) : [single ?? double ?? ''],
  )
}

security('has its promises, each with a test', () => {
  assert.ok(rows.length > 20, `${rows.length}`)
  for (const row of rows) {
    const [, promise = '', tests = '', ...rest] = row.split(' | ').flatMap((cell) => cell.split(/^\| | \|$/))
    assert.ok(promise.length > 10 && rest.join('') === '', row)
    assert.is(tests.replaceAll(TESTS, '').replaceAll(' · ', '').trim(), '', `${row}: not in the form of the others`)
    assert.match(tests, TESTS, row)
  }
})

for (const [, file = '', titles = ''] of rows.join('\n').matchAll(TESTS)) {
  for (const [, title = ''] of titles.matchAll(/"([^"]+)"/g)) {
    security(`${file} has the test "${title}"`, () => {
      assert.ok(existsSync(join(root, file)), `there is no ${file}`)
      assert.ok(
        titlesIn(file).some((one) => one.trim() === title || (title.length > 15 && one.includes(title))),
        title,
      )
    })
  }
}

security('leads to what there is', () => {
  const links = [...text.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, path]) => path as string)
  assert.ok(links.length > 0)
  for (const path of links) assert.ok(existsSync(join(root, path)), path)
})

security.run()
