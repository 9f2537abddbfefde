/** Keeps the policy in step with its file. A broken file never replaces the last good policy. */
import { readFileSync, statSync } from 'node:fs'
import type { Policy } from '../gate/policy.ts'
import { type LoadedScopes, loadScopes, MAX_FILE } from './load.ts'

export interface PolicySource {
  /** The last good policy; null until there was one. */
  current(): Policy | null
  /** Problems of the newest file, empty when it is in force. */
  problems(): readonly string[]
  close(): void
}

export interface PolicyEvents {
  onLoad(policy: Policy): void
  onProblems(problems: readonly string[]): void
}

/**
 * Reads the file at once and then looks every second whether it changed; a change counts once it has held for two looks.
 * It looks, because change notices get lost on network file systems and in Kubernetes, where a ConfigMap is exchanged by renaming a link.
 * @param path the file
 * @param events told about each new policy and each new set of problems
 * @param intervalMilliseconds between two looks
 */
export function watchPolicy(path: string, events: PolicyEvents, intervalMilliseconds = 1000): PolicySource {
  let policy: Policy | null = null
  let problems: readonly string[] = []
  let applied = ''
  let lastSeen = ''

  const refresh = (): void => {
    const now = fingerprint(path)
    const settled = now === lastSeen || applied === ''
    lastSeen = now
    // A file that changed since the last look may still be half-written: a cut file can be valid and mean something else.
    if (now === applied || !settled) return
    const loaded = read(path)
    if (fingerprint(path) !== now) return
    applied = now
    if ('problems' in loaded) {
      problems = loaded.problems
      events.onProblems(problems)
      return
    }
    policy = loaded.policy
    problems = []
    events.onLoad(policy)
  }

  refresh()
  const timer = setInterval(refresh, intervalMilliseconds)
  timer.unref()
  return { current: () => policy, problems: () => problems, close: () => clearInterval(timer) }
}

/** Device, inode, size and time tell a replaced file and a rewritten one; an error's code tells a missing one. */
function fingerprint(path: string): string {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = statSync(path)
    return [dev, ino, size, mtimeMs, ctimeMs].join(':')
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code)
  }
}

function read(path: string): LoadedScopes {
  try {
    const file = statSync(path)
    // Opening a named pipe would wait for somebody to write.
    if (!file.isFile()) return { problems: ['it is not a regular file'] }
    if (file.size > MAX_FILE) return { problems: [`the file is larger than ${MAX_FILE} bytes`] }
    return loadScopes(new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return { problems: ['the file is not valid UTF-8'] }
    if (code !== undefined) return { problems: [`the file cannot be read: ${code}`] }
    return { problems: [`the file cannot be loaded: ${message}`] }
  }
}
