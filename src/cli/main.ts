/** The executable `gatehouse`: its commands, and how it ends. */
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { addAgent } from './agent.ts'
import { addCall } from './call.ts'
import { addDoctor } from './doctor.ts'
import { EXIT, EXIT_HELP, report } from './exit.ts'
import { addExplain } from './explain.ts'
import { addInit } from './init.ts'
import { addLogin } from './login.ts'
import { addLogout } from './logout.ts'
import { addPolicy } from './policy.ts'
import { addRegistry } from './registry.ts'
import { addServe } from './serve.ts'
import { addSessions } from './sessions.ts'
import { addToken } from './token.ts'
import { addTools } from './tools.ts'
import { addWhoami } from './whoami.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

const program = new Command('gatehouse')
  .description('Authentication gate for MCP servers behind NGINX, with Amazon Cognito identities.')
  .version(version)
  .showHelpAfterError('(see --help)')
  .exitOverride()
  .addHelpText('after', EXIT_HELP)

for (const add of [
  addInit,
  addServe,
  addRegistry,
  addToken,
  addTools,
  addCall,
  addAgent,
  addLogin,
  addWhoami,
  addLogout,
  addSessions,
  addExplain,
  addPolicy,
  addDoctor,
])
  add(program)

// A reader that has seen enough, as `head` has, is no trouble: what was asked for is done to its end, and the exit code says how it went.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') return
  process.stderr.write(`gatehouse: Standard output cannot be written to: ${error.code}\n`)
  process.exit(EXIT.failed)
})

// Whoever does not read what is told besides has the exit code.
process.stderr.on('error', () => {})

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = report(error)
  // What is still under way must not outlive Ctrl-C.
  if (process.exitCode >= EXIT.interrupted) process.exit()
}
