/** Opening and closing a port. What is served there is the caller's business. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { StartError } from './start_error.ts'

export interface Listener {
  server: Server
  port: number
  close(): Promise<void>
}

/**
 * Opens a port. The handler is attached later with `listener.server.on('request', …)`, in the same turn, because it may
 * need to know the port (an issuer contains it).
 * @param host address to bind
 * @param port 0 for any free one
 * @throws StartError when the port is taken, not permitted, or the address is not one of this machine's
 */
export function listen(host: string, port: number): Promise<Listener> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(new StartError(explain(error, host, port))))
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      resolve({ server, port: (server.address() as AddressInfo).port, close: () => closeNow(server) })
    })
  })
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): string {
  if (error.code === 'EADDRINUSE') return `port ${port} on ${host} is already in use: choose another one or stop what runs there`
  if (error.code === 'EACCES') return `port ${port} on ${host} may not be opened by this user: choose one above 1023`
  return `cannot listen on ${host} port ${port}: ${error.code ?? 'unknown error'}`
}

/** Event streams never end by themselves, so a polite close would wait for ever. */
function closeNow(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
