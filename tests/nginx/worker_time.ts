/** For how long a worker of NGINX is held by one request, as its other connections see it. */
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'

/** Milliseconds of processor time that a process has used: unlike the clock it does not count what other programs take. */
export const processorTime = (pid: number): number => Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6

export interface Waits {
  /** The longest wait by the clock. */
  wait: number
  /** The most that the worker did before it came to an answer. */
  work: number
}

/** Asks a worker for something small again and again until told to end. */
export function keepAsking(port: number, worker: number): () => Promise<Waits> {
  const longest: Waits = { wait: 0, work: 0 }
  let asked = 0
  let used = 0
  let ended: ((longest: Waits) => void) | undefined
  const ask = (socket: Socket): void => {
    if (ended !== undefined) {
      socket.destroy()
      ended(longest)
      return
    }
    asked = performance.now()
    used = processorTime(worker)
    socket.write('GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n')
  }
  const open = (): void => {
    const socket = connect(port, '127.0.0.1', () => ask(socket))
    socket.setNoDelay(true)
    socket.on('data', () => {
      longest.wait = Math.max(longest.wait, performance.now() - asked)
      longest.work = Math.max(longest.work, processorTime(worker) - used)
      setImmediate(ask, socket)
    })
    // nginx ends a connection after a thousand requests.
    socket.on('end', () => {
      socket.destroy()
      open()
    })
    socket.on('error', () => {})
  }
  open()
  return () =>
    new Promise((done) => {
      ended = done
    })
}
