/**
 * `make bench`: measures, prints what it measures, and writes the results.
 *
 *   node --import tsx bench/main.ts --help
 */
import { HELP, type Options, readOptions } from './options.ts'
import { NAMES, PARTS } from './parts/index.ts'
import { writeResults } from './report/write.ts'
import { runAll } from './run.ts'

const command = readOptions(process.argv.slice(2), process.env, NAMES)
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => process.exit(130))

if (command.kind === 'run') process.exitCode = await measure(command.options)
else if (command.kind === 'wrong') {
  process.stderr.write(`${command.problems.join('\n')}\n`)
  process.exitCode = 2
} else process.stdout.write(command.kind === 'help' ? HELP : list())

function list(): string {
  return PARTS.map(({ name, title, points }) => `${name.padEnd(12)} ${title}\n${' '.repeat(13)}${points.join(' ')}\n`).join('')
}

/** Gives the exit code: 1 when a point does not count. A missed bar is a result, not a fault. */
async function measure(options: Options): Promise<number> {
  const say = (text: string): void => void process.stdout.write(`${text}\n`)
  const run = await runAll(options, PARTS, say)
  say(writeResults(options.out, run))
  return run.parts.some(({ figures }) => figures.some(({ problems }) => problems.length > 0)) ? 1 : 0
}
