/** Keeps what a file says in step with the file. A broken file never replaces the last good content. */
import { readFileSync, statSync } from 'node:fs'

export type Loaded<T> = { value: T } | { problems: readonly string[] }

export interface WatchedFile<T> {
  /** What the last good file said; null until there was one. */
  current(): T | null
  /** Problems of the newest file, empty when it is in force. */
  problems(): readonly string[]
  close(): void
}

export interface FileEvents<T> {
  onLoad(value: T): void
  onProblems(problems: readonly string[]): void
}

export interface FileReader<T> {
  /** From the file's text to its content, or every problem of it. */
  load(text: string): Loaded<T>
  /** Largest file that is read, in bytes. */
  maxBytes: number
}

/**
 * Reads the file at once and then looks every second whether it changed; a change counts once it has held for two looks.
 * It looks, because change notices get lost on network file systems and in Kubernetes, where a ConfigMap is exchanged by renaming a link.
 * @param events told about each new content and each new set of problems
 * @param intervalMilliseconds between two looks
 */
export function watchFile<T>(path: string, reader: FileReader<T>, events: FileEvents<T>, intervalMilliseconds = 1000): WatchedFile<T> {
  let value: T | null = null
  let problems: readonly string[] = []
  let applied = ''
  let lastSeen = ''
  // What the system refuses for a moment, such as a descriptor when there is none left, it may grant at the next look.
  let unread = false

  const refresh = (): void => {
    const now = fingerprint(path)
    const settled = now === lastSeen || applied === ''
    lastSeen = now
    // A file that changed since the last look may still be half-written: a cut file can be valid and mean something else.
    if ((now === applied && !unread) || !settled) return
    const loaded = read(path, reader)
    if (fingerprint(path) !== now) return
    const again = now === applied
    applied = now
    unread = 'unread' in loaded
    if ('problems' in loaded) {
      if (again && String(loaded.problems) === String(problems)) return
      problems = loaded.problems
      events.onProblems(problems)
      return
    }
    value = loaded.value
    problems = []
    events.onLoad(value)
  }

  refresh()
  const timer = setInterval(refresh, intervalMilliseconds)
  timer.unref()
  return { current: () => value, problems: () => problems, close: () => clearInterval(timer) }
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

function read<T>(path: string, { load, maxBytes }: FileReader<T>): Loaded<T> | { problems: readonly string[]; unread: true } {
  try {
    const file = statSync(path)
    // Opening a named pipe would wait for somebody to write.
    if (!file.isFile()) return { problems: ['it is not a regular file'] }
    if (file.size > maxBytes) return { problems: [`the file is larger than ${maxBytes} bytes`] }
    return load(new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return { problems: ['the file is not valid UTF-8'] }
    if (code !== undefined) return { problems: [`the file cannot be read: ${code}`], unread: true }
    return { problems: [`the file cannot be loaded: ${message}`] }
  }
}
