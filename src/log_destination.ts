/** Where log lines go: standard output, in batches and without waiting for whoever reads it. */
import pino from 'pino'

/** Bytes of a batch, which is written when it is full: more would not fit into a pipe at once. */
const BATCH = 64 * 1024
/** Bytes that wait at the most while the reader is slow; lines beyond are dropped, and counted. */
const MOST_WAITING = 4 * 1024 * 1024
/** Milliseconds that a line waits at the most for others. */
const LINGER = 100
/** Milliseconds that an end of the process waits at the most for a slow reader. */
const PARTING = 500

export interface DestinationOptions {
  /** File descriptor. */
  fd: number
  /** Told when lines get through again after some were dropped. */
  onDropped(lines: number): void
}

export interface Destination {
  write(line: string): void
  /** Writes what waits, and returns when it is out or the reader takes too long. */
  flushSync(): void
}

/**
 * A reader that has gone away is no reason to stop: lines are for nobody then. A process that ends, or dies of a fault, writes first what
 * waits.
 */
export function createDestination({ fd, onDropped }: DestinationOptions): Destination {
  const stream = openStream(fd, onDropped)
  const batch = Buffer.allocUnsafe(BATCH)
  let used = 0
  let timer: NodeJS.Timeout | null = null
  const flush = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (used > 0) stream.write(Buffer.from(batch.subarray(0, used)))
    used = 0
  }
  const write = (line: string): void => {
    // No character of UTF-16 takes more than three bytes.
    const most = 3 * line.length
    if (most > BATCH - used) flush()
    if (most > BATCH) stream.write(Buffer.from(line))
    else used += batch.write(line, used)
    timer ??= setTimeout(flush, LINGER).unref()
  }
  stream.beforeParting(flush)
  return { write, flushSync: stream.flushSync }
}

interface Stream {
  write(bytes: Buffer): void
  flushSync(): void
  /** Calls this before what waits is written at the end of the process. */
  beforeParting(prepare: () => void): void
}

function openStream(fd: number, onDropped: DestinationOptions['onDropped']): Stream {
  let dropped = 0
  let gone = false
  let parting = Number.POSITIVE_INFINITY
  let prepare = (): void => {}
  const stream = pino.destination({
    dest: fd,
    sync: false,
    contentMode: 'buffer',
    maxWrite: BATCH,
    maxLength: MOST_WAITING,
    retryEAGAIN: () => performance.now() < parting,
  })
  const flushAll = stream.flushSync.bind(stream)
  // pino calls it at the end of the process, where nothing may throw any more.
  stream.flushSync = () => {
    parting = performance.now() + PARTING
    try {
      prepare()
      flushAll()
    } catch {
      // A reader that takes nothing, or none at all.
    }
    parting = Number.POSITIVE_INFINITY
  }
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    gone ||= code === 'EPIPE'
  })
  stream.on('drop', (bytes: Buffer) => {
    for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) dropped += 1
  })
  stream.on('drain', () => {
    if (dropped > 0) onDropped(dropped)
    dropped = 0
  })
  return {
    // Its declaration knows of text alone, and its documentation of buffers too.
    write: (bytes) => void (gone || stream.write(bytes as unknown as string)),
    flushSync: () => stream.flushSync(),
    beforeParting: (told) => {
      prepare = told
    },
  }
}

const NEWLINE = 10
