/** The properties of this folder are enough, and none of them is forgotten. */
import { readdirSync } from 'node:fs'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { RUNS } from './runs.ts'

const LEAST = 100_000
const total = suite('all properties')

total('every file of the table is there, and every file is in the table', () => {
  const files = readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.test.ts') && name !== 'total.test.ts')
  assert.equal(files.map((name) => name.replace('.test.ts', '')).sort(), Object.keys(RUNS).sort())
})

total('a run has a hundred thousand cases, and each file asserts that it has had its own', () => {
  const cases = Object.values(RUNS).flatMap((file) => Object.values(file) as number[])
  const sum = cases.reduce((all, one) => all + one, 0)
  console.log(`${sum} cases`)
  assert.ok(sum >= LEAST, `${sum} cases`)
})

total.run()
