/** The list of attacks is whole, and a row that nothing tests is found. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from '../support/assert.ts'
import { root } from '../support/gateway.ts'
import { suite } from '../support/suite.ts'
import { LINE, readCounts } from './attack_suite.ts'
import { LEAST, ROWS, rowProblems, summary } from './rows.ts'

const rows = suite('the list of attacks')

/** Numbers of the list; those between that are left out belong to no attack. */
const COUNT = 211
const LAST = 285

rows('every number once, in the order of its family, with a sentence', () => {
  const ids = ROWS.map(({ id }) => Number(id))
  assert.is(new Set(ids).size, COUNT)
  assert.is(ids.length, COUNT)
  assert.equal([Math.min(...ids), Math.max(...ids)], [1, LAST])
  for (const { id, attack, family } of ROWS) assert.ok(attack.length > 5 && family.length > 3, id)
  assert.is(new Set(ROWS.map(({ family, attack }) => `${family}: ${attack}`)).size, COUNT)
})

for (const { id, elsewhere } of ROWS) {
  if (elsewhere === undefined) continue
  rows(`row ${id} is tested where the list says`, () => {
    const path = join(root, elsewhere.file)
    assert.ok(existsSync(path), elsewhere.file)
    const text = readFileSync(path, 'utf8')
    assert.match(text, new RegExp(`['"\`](?:[^'"\`\n]*)${elsewhere.test.replace(/[$().*+?[\]^{|}]/g, '\\$&')}`))
  })
}

/** As many cases of each row as there must be. */
const enough = (): Map<string, number> => new Map(ROWS.filter((row) => !row.elsewhere && !row.notApplicable).map(({ id }) => [id, 3]))

rows('a run of all is whole, and one in which a row has no case is not', () => {
  assert.equal(rowProblems(enough()), [])
  for (const id of enough().keys()) {
    const counts = enough()
    counts.delete(id)
    assert.is(rowProblems(counts).length, 1, id)
    assert.match(rowProblems(counts)[0] ?? '', `no case of row ${id} `)
  }
})

rows('a number that is not in the list, cases of what does not apply, and too few cases', () => {
  assert.equal(rowProblems(new Map([...enough(), ['5', 1]])), ['there is no row 5 in the list of attacks'])
  const none = [{ id: '1', attack: 'a', family: 'f', notApplicable: 'because' }]
  assert.equal(rowProblems(new Map([['1', LEAST]]), none), ['row 1 does apply: it has cases'])
  assert.equal(rowProblems(new Map(), none), [`0 cases are fewer than ${LEAST}`])
  assert.equal(summary(new Map(), none).slice(2), ['  not applicable: 1', '    1 a: because'])
})

rows('what files have counted is added up', () => {
  const output = `text 1×2\n${LINE} 1×2 20×30\nmore\n${LINE} 1×3\n`
  assert.equal(
    [...readCounts(output)],
    [
      ['1', 5],
      ['20', 30],
    ],
  )
})

rows.run()
