/** Standard input as a whole. */
import { readSync } from 'node:fs'

/** @throws as `readSync` does, but waits where nothing is there yet, as in a pipe that another program has set not to block */
export function readStdin(): Buffer {
  const chunks: Buffer[] = []
  for (;;) {
    const chunk = Buffer.alloc(64 * 1024)
    const length = readSome(chunk)
    if (length === 0) return Buffer.concat(chunks)
    if (length === null) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    else chunks.push(chunk.subarray(0, length))
  }
}

function readSome(chunk: Buffer): number | null {
  try {
    return readSync(0, chunk)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return null
    throw error
  }
}
