/** A program that logs, for tests of what happens to its lines: `node --import tsx log_writer.ts WHAT`. */
import { createLog } from '../../src/log.ts'

const log = createLog('info')
const LINES = 100_000
const actions: Record<string, () => unknown> = {
  line: () => {
    log.info('one')
    setInterval(() => {}, 1000)
  },
  end: () => log.info('last'),
  exit: () => {
    log.info('last')
    process.exit(3)
  },
  crash: () => {
    for (let count = 0; count < 2000; count += 1) log.info({ count }, 'before')
    log.info('last')
    setImmediate(() => {
      throw new Error('crash')
    })
  },
  fatal: () => {
    log.fatal('last')
    process.kill(process.pid, 'SIGKILL')
  },
  flood: async () => {
    let longest = 0
    for (let count = 0; count < LINES; count += 1) {
      const started = performance.now()
      log.info({ count, filler: 'x'.repeat(200) }, 'flood')
      longest = Math.max(longest, performance.now() - started)
      if (count % 1000 === 0) await new Promise((done) => setTimeout(done, 1))
    }
    process.stderr.write(`flooded ${Math.ceil(longest)} ${Math.round(process.memoryUsage().rss / 1e6)}\n`)
  },
  floodAndExit: async () => {
    await actions.flood?.()
    process.exit(3)
  },
}
await actions[process.argv[2] as string]?.()
