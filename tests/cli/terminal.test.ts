/** The wait for the browser on a real terminal: util-linux's script makes one. */

import * as assert from '../support/assert.ts'
import { until } from '../support/process.ts'
import { suite } from '../support/suite.ts'
import { executable, makeHome, type Running, run } from './command.ts'
import { type DirectWorld, startDirectWorld } from './direct_login.ts'

const terminal = suite('the wait on a terminal')
let world: DirectWorld
let home: ReturnType<typeof makeHome>

terminal.before(async () => {
  world = await startDirectWorld()
  home = makeHome()
})
terminal.after(() => {
  home.remove()
  return world.cognito.close()
})

const HIDE = '\x1b[?25l'
const SHOW = '\x1b[?25h'

/** Both outputs of the program are the one of `script`. */
function onTerminal(env: Record<string, string> = {}, ...more: string[]): Running {
  const command = `'${executable}' login --no-browser --port ${world.port} ${more.join(' ')}`
  return run('script', ['-qec', command, '/dev/null'], { HOME: home.folder, TERM: 'xterm', ...world.env, ...env })
}

/** What is switched off is on again at the end. */
function isRestored(output: string): boolean {
  const pairs = [
    [HIDE, SHOW],
    ['\x1b[?2026h', '\x1b[?2026l'],
  ] as const
  return pairs.every(([off, on]) => output.lastIndexOf(on) > output.lastIndexOf(off))
}

terminal('a spinner turns, the time runs down, and the cursor is back when the login is done', async () => {
  const running = onTerminal()
  await until('two seconds have passed', () => /4:58 left/.test(running.stdout()))
  const before = running.stdout()
  assert.match(before, HIDE)
  assert.match(before, /[⠋⠙⠹⠸].*Waiting for the login in the browser, (?:5:00|4:59) left\. Ctrl-C ends it\./)
  await fetch(await world.signIn(/^ {2}(http\S+)\r$/m.exec(before)?.[1] ?? ''))
  const { code, stdout } = await running.ended
  assert.is(code, 0)
  assert.ok(isRestored(stdout))
  assert.match(stdout, 'Signed in as rosa')
})

for (const [what, end, expected] of [
  ['Ctrl-C', (running: Running) => running.child.stdin.write('\x03'), 130],
  ['the end of the time', () => {}, 7],
] as const) {
  terminal(`the cursor is back after ${what}`, async () => {
    const running = onTerminal({}, ...(expected === 7 ? ['--timeout', '1'] : []))
    await until('it waits', () => running.stdout().includes('Waiting'))
    end(running)
    const { code, stdout } = await running.ended
    assert.is(code, expected)
    assert.ok(isRestored(stdout), JSON.stringify(stdout.slice(-200)))
  })
}

for (const env of [{ TERM: 'dumb' }, { CI: '1' }] as Array<Record<string, string>>) {
  terminal(`one plain line with ${JSON.stringify(env)}`, async () => {
    const { code, stdout } = await onTerminal(env, '--timeout', '1').ended
    assert.is(code, 7)
    assert.match(stdout, 'Waiting for the login in the browser, 1 second at most.')
    assert.not.match(stdout, /\x1b/)
  })
}

terminal.run()
