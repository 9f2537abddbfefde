/** A program that does nothing but answer, asked all the time: when even that is late, the machine is busy with other things. */
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, start, until } from '../support/process.ts'

/** Milliseconds: NGINX gives the validator 450, and has to wait for a processor itself. */
const LATE = 150
/** Milliseconds around such an answer that are excused: as long as NGINX waits, and a little. */
const AROUND = 1000

export interface Control {
  /** Whether the machine was too busy then (milliseconds since 1970) to tell anything by a missing answer. */
  wasBusy(at: number): boolean
  /** How many seconds it was so. */
  busySeconds(): number
  /** Milliseconds of its slowest answer since the last look. */
  slowest(): number
  stop(): Promise<unknown>
}

export async function startControl(): Promise<Control> {
  const port = await freePort()
  const source = `require('node:http').createServer((_, answer) => answer.end()).listen(${port}, '127.0.0.1')`
  const program = start(process.execPath, ['-e', source])
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const busy: number[] = []
  let running = true
  let most = 0
  const ask = (): Promise<boolean> =>
    new Promise((done) => {
      const outgoing = request({ agent, host: '127.0.0.1', port }, (answer) => answer.resume().on('end', () => done(true)))
      outgoing.on('error', () => done(false))
      outgoing.end()
    })
  await until('the control answers', ask)
  const run = async (): Promise<void> => {
    while (running) {
      const began = Date.now()
      await ask()
      most = Math.max(most, Date.now() - began)
      if (Date.now() - began > LATE) busy.push(began, Date.now())
      await sleep(50)
    }
  }
  const ended = run()
  return {
    wasBusy: (at) => busy.some((moment) => Math.abs(moment - at) < AROUND),
    busySeconds: () => new Set(busy.map((moment) => Math.floor(moment / 1000))).size,
    slowest: () => {
      const found = most
      most = 0
      return found
    },
    stop: async () => {
      running = false
      await ended
      agent.destroy()
      return program.stop()
    },
  }
}
