/** Where log lines go: standard output, in batches and without waiting for whoever reads it. */
import { writeSync } from 'node:fs'
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
  const take = (): Buffer => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    const bytes = Buffer.from(batch.subarray(0, used))
    used = 0
    return bytes
  }
  const flush = (): void => {
    if (used > 0) stream.write(take())
  }
  const write = (line: string): void => {
    // No character of UTF-16 takes more than three bytes.
    const most = 3 * line.length
    if (most > BATCH - used) flush()
    if (most > BATCH) stream.write(Buffer.from(line))
    else used += batch.write(line, used)
    timer ??= setTimeout(flush, LINGER).unref()
  }
  stream.beforeParting(take)
  return { write, flushSync: stream.flushSync }
}

interface Stream {
  write(bytes: Buffer): void
  flushSync(): void
  /** Asks for what else there is when what waits is written at the end of the process. */
  beforeParting(take: () => Buffer): void
}

function openStream(fd: number, onDropped: DestinationOptions['onDropped']): Stream {
  let dropped = 0
  let gone = false
  let refused = false
  let parting = Number.POSITIVE_INFINITY
  let takeLast = (): Buffer => Buffer.alloc(0)
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
      // It tries for ever where the system takes nothing, as on a full disk.
      if (!refused) flushAll()
      // Not by the stream, which would hand it to another thread: the process may be killed before that has written it.
      writeNow(fd, takeLast(), parting)
    } catch {
      // A reader that takes nothing, or none at all.
    }
    parting = Number.POSITIVE_INFINITY
  }
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    gone ||= code === 'EPIPE'
    refused = code !== 'EAGAIN' && code !== 'EBUSY'
  })
  stream.on('write', () => {
    refused = false
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
    beforeParting: (take) => {
      takeLast = take
    },
  }
}

/** @throws what the system says of a reader that is gone, or takes nothing until the deadline */
function writeNow(fd: number, bytes: Buffer, deadline: number): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || performance.now() >= deadline) throw error
      Atomics.wait(SLEEPER, 0, 0, BREATH)
    }
  }
}

/** Milliseconds between two tries. */
const BREATH = 10
const SLEEPER = new Int32Array(new SharedArrayBuffer(4))

const NEWLINE = 10
