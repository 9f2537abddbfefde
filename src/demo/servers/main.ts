/** An MCP server as a process of its own. */
import { type Environment, portFrom, runUntilSignal } from '../run.ts'
import { startCurrentTime } from './start.ts'

/**
 * Runs the demo's MCP server until SIGTERM or SIGINT. A port that cannot be opened goes to stderr, with exit code 1.
 * @param env `HOST` (default 127.0.0.1) and `PORT` (default 8000)
 */
export function runCurrentTime(env: Environment): Promise<void> {
  return runUntilSignal(async () => {
    const { url, port, close } = await startCurrentTime({ host: env.HOST || undefined, port: portFrom(env, 'PORT', 8000) })
    return { ready: { name: 'currenttime', url, port }, close }
  })
}
