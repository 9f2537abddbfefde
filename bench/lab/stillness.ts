/**
 * How long the machine was away. A host may take a core from its virtual machine for milliseconds, and the system in it counts them as time of
 * whoever ran just then. A process that only sleeps, and goes before all others, sees them: it wakes late.
 */
import { spawn } from 'node:child_process'
import type { Cores } from './cores.ts'

/**
 * Sleeps for five milliseconds again and again: every single one would itself be seen in p99. Less than half a millisecond late may be the kernel's
 * own work. The first times are its own. It ends some time after it has seen enough, because its end would be seen too.
 */
const SLEEPER = `
const cell = new Int32Array(new SharedArrayBuffer(4))
function away(milliseconds) {
  let sum = 0
  let next = performance.now()
  const end = next + milliseconds
  while (next < end) {
    next += 5
    Atomics.wait(cell, 0, 0, Math.max(0, next - performance.now()))
    const late = performance.now() - next
    if (late > 0.5) {
      sum += late
      next += late
    }
  }
  return sum
}
away(50)
process.stdout.write('ready\\n')
away(5)
const seen = away(Number(process.argv[1]) * 1000)
Atomics.wait(cell, 0, 0, 500)
process.stdout.write(seen + '\\n')
`

/**
 * Begins to watch all cores, and comes back when it does.
 * @returns what gives the milliseconds that the one which was away longest was away, null where nobody can tell: it takes chrt and the right to use it
 */
export async function watch(
  { measured, others }: Pick<Cores, 'measured' | 'others'>,
  seconds: number,
): Promise<() => Promise<number | null>> {
  const pinned = [measured, others].filter((one) => one.length > 0)
  const sleepers = await Promise.all(pinned.map((one) => startSleeper(one, seconds)))
  return async () => {
    const away = await Promise.all(sleepers.map((one) => one.away))
    return away.length === 0 || away.includes(null) ? null : Math.max(...(away as number[]))
  }
}

function startSleeper(pinned: readonly string[], seconds: number): Promise<{ away: Promise<number | null> }> {
  const [command = '', ...args] = [...pinned, 'chrt', '-f', '50', process.execPath, '-e', SLEEPER, String(seconds)]
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  let output = ''
  const away = new Promise<number | null>((done) => {
    child.once('error', () => done(null))
    child.once('close', (code) => done(code === 0 ? Number(output.split('\n')[1]) : null))
  })
  return new Promise((ready) => {
    child.stdout.on('data', (chunk) => {
      output += chunk
      ready({ away })
    })
    away.then(() => ready({ away }))
  })
}
