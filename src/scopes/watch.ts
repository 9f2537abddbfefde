/** Keeps the policy in step with its file. A broken file never replaces the last good policy. */
import type { Policy } from '../gate/policy.ts'
import { type FileEvents, type Loaded, type WatchedFile, watchFile } from '../watched_file.ts'
import { loadScopes, MAX_FILE } from './load.ts'

/** The last good policy; null until there was one. */
export type PolicySource = WatchedFile<Policy>
export type PolicyEvents = FileEvents<Policy>

/**
 * @param path the file
 * @param events told about each new policy and each new set of problems
 * @param intervalMilliseconds between two looks
 */
export function watchPolicy(path: string, events: PolicyEvents, intervalMilliseconds = 1000): PolicySource {
  return watchFile(path, { load, maxBytes: MAX_FILE }, events, intervalMilliseconds)
}

function load(text: string): Loaded<Policy> {
  const loaded = loadScopes(text)
  return 'problems' in loaded ? loaded : { value: loaded.policy }
}
