/** Where log lines go: standard output, in batches and without waiting for whoever reads it. */
import { write, writeSync } from 'node:fs'

/** Bytes of a batch, which is written when it is full: more would not fit into a pipe at once. */
const BATCH = 64 * 1024
/** Bytes that wait at the most while the reader is slow; lines beyond are dropped, and counted. */
const MOST_WAITING = 4 * 1024 * 1024
/** Milliseconds that a line waits at the most for others. */
const LINGER = 100
/** Milliseconds until a slow reader is tried again. */
const PAUSE = 100
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
  const stream = openStream(fd, onDropped, take)
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
  return { write, flushSync: stream.flushSync }
}

interface Stream {
  write(bytes: Buffer): void
  flushSync(): void
}

/** @param takeLast what else there is when what waits is written at the end of the process */
function openStream(fd: number, onDropped: DestinationOptions['onDropped'], takeLast: () => Buffer): Stream {
  const queue = createQueue(onDropped)
  let [writing, pausing, gone] = [false, false, false]
  const next = (): void => {
    const bytes = queue.first()
    if (writing || pausing || bytes === undefined) return
    writing = true
    write(fd, bytes, (error, count) => {
      writing = false
      if (error !== null) return failed(error)
      queue.taken(count)
      next()
    })
  }
  const failed = ({ code }: NodeJS.ErrnoException): void => {
    gone ||= code === 'EPIPE'
    if (gone) queue.clear()
    // Of any other trouble, as a full disk, the next line sees whether it is over.
    pausing = code === 'EAGAIN'
    if (pausing) setTimeout(goOn, PAUSE)
  }
  const goOn = (): void => {
    pausing = false
    next()
  }
  const flushSync = (): void => {
    // Not by another thread: the process may be killed before that has written it. One that is at it keeps what it has.
    if (!gone) writeLast(fd, [...queue.remove(writing ? 1 : 0), takeLast()])
  }
  atExit(flushSync)
  const add = (bytes: Buffer): void => {
    if (gone) return
    queue.add(bytes)
    next()
  }
  return { write: add, flushSync }
}

/** What waits, up to a limit. */
function createQueue(onDropped: DestinationOptions['onDropped']) {
  const waiting: Buffer[] = []
  let size = 0
  let dropped = 0
  return {
    first: () => waiting[0],
    add(bytes: Buffer) {
      if (size + bytes.length > MOST_WAITING) {
        for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) dropped += 1
        return
      }
      waiting.push(bytes)
      size += bytes.length
    },
    /** So many bytes of the first. */
    taken(count: number) {
      const rest = waiting[0]?.subarray(count) ?? Buffer.alloc(0)
      if (rest.length > 0) waiting[0] = rest
      else waiting.shift()
      size -= count
      if (waiting.length > 0 || dropped === 0) return
      const lines = dropped
      dropped = 0
      onDropped(lines)
    },
    /** Takes out all from there on. */
    remove(from: number) {
      const removed = waiting.splice(from)
      for (const bytes of removed) size -= bytes.length
      return removed
    },
    clear() {
      waiting.length = 0
      size = 0
    },
  }
}

const partings: (() => void)[] = []

/** One listener for all: a process with many logs, as tests are, must not be warned of them. */
function atExit(part: () => void): void {
  if (partings.length === 0) process.once('exit', () => partings.forEach((one) => void one()))
  partings.push(part)
}

/** Never throws, because nothing may at the end of the process. */
function writeLast(fd: number, all: readonly Buffer[]): void {
  const deadline = performance.now() + PARTING
  try {
    for (const bytes of all) writeNow(fd, bytes, deadline)
  } catch {
    // A reader that takes nothing, or none at all, or a full disk.
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

/** Milliseconds between two tries, when nothing else can be done meanwhile. */
const BREATH = 10
const SLEEPER = new Int32Array(new SharedArrayBuffer(4))

const NEWLINE = 10
