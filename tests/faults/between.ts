/** What stands between NGINX and the validator in a test, and lets bytes pass late, or others instead. */

import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

export interface Between {
  address: string
  /** The validator's port; to be set before it is asked. */
  target: number
  /** Milliseconds by which answers are late. */
  delay: number
  /** Called instead of passing a question on; null passes it on. */
  instead: ((socket: Socket) => void) | null
  close(): void
}

export async function startBetween(): Promise<Between> {
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const validator = connect(self.target, '127.0.0.1')
    for (const [one, other] of [
      [client, validator],
      [validator, client],
    ] as const) {
      open.add(one)
      one.on('error', () => {})
      one.on('close', () => {
        open.delete(one)
        other.destroy()
      })
    }
    client.on('data', (bytes) => (self.instead === null ? validator.write(bytes) : self.instead(client)))
    validator.on('data', (bytes) => {
      if (self.delay === 0) client.write(bytes)
      else setTimeout(() => client.write(bytes), self.delay)
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const self: Between = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    target: 0,
    delay: 0,
    instead: null,
    close: () => {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
  return self
}
