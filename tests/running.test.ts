/** What is said of a test that hangs. */
import { spawn } from 'node:child_process'
import * as assert from './support/assert.ts'
import { until } from './support/process.ts'
import { describeGroup } from './support/running.ts'
import { suite } from './support/suite.ts'

const running = suite('processes of a group')

running('each is named with its state and its command, and no other is', async () => {
  const child = spawn('sh', ['-c', 'sleep 47 & wait'], { detached: true })
  const group = child.pid as number
  try {
    await until('both run', () => describeGroup(group).some((line) => line.endsWith(' sleep 47')))
    const lines = describeGroup(group)
    assert.is(lines.length, 2, lines.join('\n'))
    assert.match(lines[0] ?? '', new RegExp(`^${group} [SR] \\S+ sh -c sleep 47 & wait$`))
    assert.match(lines[1] ?? '', /^\d+ [SR] \S+ sleep 47$/)
  } finally {
    process.kill(-group, 'SIGKILL')
  }
})

running.run()
