/** Where log lines go: standard output, in batches and without waiting for whoever reads it. */
import pino from 'pino'

/** Bytes after which a batch is written at once. */
const BATCH = 8 * 1024
/** Bytes that wait at the most while the reader is slow; lines beyond are dropped, and counted. */
export const MOST_WAITING = 4 * 1024 * 1024
/** Milliseconds that a line waits at the most for others. */
const LINGER = 100
/** Milliseconds that an end of the process waits at the most for a slow reader. */
const PARTING = 500

export interface DestinationOptions {
  /** File descriptor. */
  fd: number
  /** Told when lines get through again after `count` of them were dropped. */
  onDropped(count: number): void
}

export interface Destination {
  write(line: string): void
  /** Writes what waits, and returns when it is out or the reader is too slow. */
  flushSync(): void
}

/** A reader that has gone away is no reason to stop: lines are for nobody then. A process that ends, or dies of a fault, writes first what waits. */
export function createDestination({ fd, onDropped }: DestinationOptions): Destination {
  let dropped = 0
  let lingering = false
  let gone = false
  let parting = Number.POSITIVE_INFINITY
  const stream = pino.destination({
    dest: fd,
    sync: false,
    minLength: BATCH,
    maxLength: MOST_WAITING,
    retryEAGAIN: () => performance.now() < parting,
  })
  stream.on('drop', () => {
    dropped += 1
  })
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    gone ||= code === 'EPIPE'
  })
  stream.on('drain', () => {
    if (dropped === 0) return
    const count = dropped
    dropped = 0
    onDropped(count)
  })
  const flushAll = stream.flushSync.bind(stream)
  // pino calls it at the end of the process and after a fatal line; at an end nothing may throw any more.
  stream.flushSync = () => {
    parting = performance.now() + PARTING
    try {
      flushAll()
    } catch {
      // A reader that takes nothing, or none at all.
    }
    parting = Number.POSITIVE_INFINITY
  }
  const flush = (): void => {
    lingering = false
    stream.flush()
  }
  return {
    write: (line) => {
      if (gone) return
      stream.write(line)
      if (lingering) return
      lingering = true
      setTimeout(flush, LINGER).unref()
    },
    flushSync: () => stream.flushSync(),
  }
}
