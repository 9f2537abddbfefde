/** Long work in turns: the gate decides in the same thread, and NGINX waits less than half a second for it. */
import { setTimeout as sleep } from 'node:timers/promises'

/** Work that may wait; more is refused. */
const MOST = 16

/** Makes a queue that works half of the time at most. Gives null for work that would have to wait too long. */
export function createTurns(): <T>(work: () => T | Promise<T>) => Promise<T | null> {
  let free: Promise<unknown> = Promise.resolve()
  let waiting = 0
  return async (work) => {
    if (waiting >= MOST) return null
    waiting += 1
    let begun = 0
    const done = free.then(() => {
      begun = performance.now()
      return work()
    })
    const end = (): Promise<void> => {
      waiting -= 1
      return sleep(performance.now() - begun)
    }
    free = done.then(end, end)
    return done
  }
}
