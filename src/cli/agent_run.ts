/** A run of the agent in a terminal: the question goes in, calls are shown, the answer comes out. */
import { setMaxListeners } from 'node:events'
import { answer, INSTRUCTIONS, MOST_TURNS, type Run } from '../agent/loop.ts'
import { chooseModel, HOW_TO_CONFIGURE, loadProvider, type ModelChoice } from '../agent/models/choose.ts'
import { ModelError } from '../agent/models/model.ts'
import { createServers, type Servers } from '../agent/servers.ts'
import { createToolbox, type Toolbox } from '../agent/toolbox.ts'
import type { Environment } from '../settings.ts'
import type { AgentOptions } from './agent.ts'
import { type Caller, readCaller } from './agent_caller.ts'
import { callFailed } from './agent_failure.ts'
import { createWatcher } from './agent_watch.ts'
import { CommandError, EXIT } from './exit.ts'
import { interruptible } from './interrupt.ts'
import { cleanLines, oneLine } from './lines.ts'
import { whileWaiting } from './waiting.ts'

/** @throws {CommandError} or {ConfigError} */
export async function runAgent(options: AgentOptions, env: Environment): Promise<void> {
  const choice = chooseModel(env, options)
  if (choice === null) throw new CommandError(EXIT.usage, HOW_TO_CONFIGURE)
  const caller = readCaller(options, env)
  const run = await interruptible((signal) =>
    withDeadline(options.timeout, signal, (either) => work(options.message, choice, caller, either)),
  )
  tell(run, choice, options.json === true)
}

async function work(message: string, choice: ModelChoice, caller: Caller, signal: AbortSignal): Promise<Run> {
  const servers = createServers(caller.registry.gateway, caller.identity, signal)
  try {
    const toolbox = await whileWaiting('Asking the registry', openToolbox(caller, servers))
    const open = await loadProvider(choice.provider)
    const conversation = open(choice, INSTRUCTIONS)
    const watcher = createWatcher(choice.model, caller.identity.kind)
    return await answer(message, conversation, toolbox, watcher, signal).finally(conversation.close)
  } catch (error) {
    if (!(error instanceof ModelError)) throw error
    throw new CommandError(error.settings ? EXIT.usage : EXIT.failed, oneLine(error.message, 1000))
  } finally {
    await servers.close()
  }
}

async function openToolbox({ registry, identity }: Caller, servers: Servers): Promise<Toolbox> {
  const connection = await servers.to(registry.url)
  if (!connection.ok) throw callFailed(registry.name, connection.failure, identity.kind)
  const listed = await connection.value.listTools()
  if (!listed.ok) throw callFailed(registry.name, listed.failure, identity.kind)
  return createToolbox({ name: registry.name, connection: connection.value, tools: listed.value }, servers)
}

/** Ends work that takes too long, with an error that says so. */
async function withDeadline<T>(seconds: number, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  // Each question of a long run listens to it.
  setMaxListeners(0, controller.signal)
  const stop = (): void => controller.abort(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  const late = new CommandError(EXIT.failed, `There was no answer within ${seconds} seconds. Allow more by --timeout.`)
  const timer = setTimeout(() => controller.abort(late), seconds * 1000)
  try {
    return await work(controller.signal)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

function tell(run: Run, { provider, model }: ModelChoice, json: boolean): void {
  const { turns, calls } = run
  if (run.answer === null) {
    const why = turns >= MOST_TURNS ? `after ${turns} turns and ${calls.length} calls` : 'it said nothing'
    throw new CommandError(EXIT.failed, `The model "${oneLine(model, 100)}" came to no answer: ${why}.`)
  }
  const shown = { answer: run.answer, provider, model, turns, calls: calls.map(({ text, ...call }) => call) }
  process.stdout.write(`${json ? JSON.stringify(shown) : cleanLines(run.answer)}\n`)
  if (run.cut) process.stderr.write('The answer was cut off: it is longer than a reply may be.\n')
  if (calls.at(-1)?.outcome === 'refused') process.exitCode = EXIT.refused
}
