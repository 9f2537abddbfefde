import { readOptions } from '../../bench/options.ts'
import { NAMES, PARTS } from '../../bench/parts/index.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const options = suite('options of the benchmark')
const names = new Set(['nginx', 'hot', 'cold'])
const read = (args: string[], env: Record<string, string> = {}): ReturnType<typeof readOptions> => readOptions(args, env, names)

const USUAL = { seconds: 3, rounds: 3, connections: 32, tokens: 100_000, only: new Set(), out: 'bench' }

options('without any, everything is measured', () => {
  assert.equal(read([]), { kind: 'run', options: USUAL })
})

options('the command line goes before the environment', () => {
  const env = { BENCH_SECONDS: '9', BENCH_ROUNDS: '2', BENCH_ONLY: 'cold', BENCH_TOKENS: '' }
  const told = read(['--seconds', '1', '--only', 'nginx,hot', '--out', '/tmp/x'], env)
  assert.equal(told, { kind: 'run', options: { ...USUAL, seconds: 1, rounds: 2, only: new Set(['nginx', 'hot']), out: '/tmp/x' } })
})

options('all that is wrong is said at once', () => {
  const told = read(['--seconds', '31', '--rounds', '0', '--only', 'hot,typo'], { BENCH_CONNECTIONS: 'many', BENCH_TOKENS: '1.5' })
  assert.is(told.kind, 'wrong')
  const text = told.kind === 'wrong' ? told.problems.join('\n') : ''
  for (const words of [
    '--seconds must be a whole number from 1 to 30, not "31"',
    '--rounds',
    '--only knows no "typo"',
    '--connections',
    '--tokens',
  ])
    assert.match(text, words)
  assert.not.match(text, '"hot"')
})

options('options that do not exist are refused', () => {
  for (const args of [['--fast'], ['hot'], ['--seconds']]) assert.is(read(args).kind, 'wrong', args.join(' '))
})

options('help and list ask for nothing else', () => {
  assert.equal(read(['--help', '--seconds', 'x']), { kind: 'help' })
  assert.equal(read(['--list']), { kind: 'list' })
})

options('no two parts or points have one name', () => {
  const all = PARTS.flatMap(({ name, points }) => [name, ...points])
  assert.is(new Set(all).size, all.length)
  assert.equal(new Set(all), NAMES)
})

options.run()
