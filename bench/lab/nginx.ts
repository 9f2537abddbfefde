/** An NGINX of a run: one worker on the core that is measured, or the backend on another one. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { asOneself, findNginx } from '../../src/demo/nginx.ts'
import { nginxWorkers } from '../proc.ts'
import { type Program, startProgram, until } from './program.ts'

export interface Nginx {
  port: number
  /** Its one worker. */
  worker: number
  stop(): Promise<void>
}

/** Where nginx keeps what it needs besides its configuration; workers are another user when root starts them. */
export function prepareFolder(folder: string): string {
  for (const name of ['conf', 'logs', 'tmp']) mkdirSync(join(folder, name), { recursive: true })
  chmodSync(folder, 0o755)
  chmodSync(join(folder, 'tmp'), 0o777)
  return folder
}

/** The parts that every configuration of a run has, with what is asked for inside of `http {}`. */
export const wholeConfiguration = (http: string, connections = 4096): string => `load_module ${findNginx().module};
worker_processes 1;
pid logs/nginx.pid;
error_log logs/error.log warn;
events { worker_connections ${connections}; }
http {
    server_tokens off;
    client_body_temp_path tmp/body;
    proxy_temp_path tmp/proxy;
    fastcgi_temp_path tmp/fastcgi;
    uwsgi_temp_path tmp/uwsgi;
    scgi_temp_path tmp/scgi;
    # As in nginx/example.conf.
    large_client_header_buffers 4 16k;
    client_header_buffer_size 4k;
    request_pool_size 16k;
    # The same room as in gatehouse/body.conf, so that a body is in memory everywhere.
    client_max_body_size 1m;
    client_body_buffer_size 2m;
${http}
}
`

/**
 * Starts nginx and waits until it answers.
 * @param args those of nginx; the last one is what its -g takes
 */
export type StartNginx = (args: readonly string[], folder: string, port: number) => Promise<Nginx>

/** Writes a configuration and starts nginx with it. */
export async function startConfiguration(folder: string, text: string, port: number, start: StartNginx): Promise<Nginx> {
  prepareFolder(folder)
  const file = join(folder, 'conf/nginx.conf')
  writeFileSync(file, text)
  return start(['-p', folder, '-e', join(folder, 'logs/error.log'), '-c', file, '-g', 'daemon off;'], folder, port)
}

/** With a worker of its own, on these cores. */
export const onCores =
  (pinned: readonly string[]): StartNginx =>
  async (args, folder, port) => {
    const program = startProgram([...pinned, findNginx().nginx, ...asOneself(args)], join(folder, 'logs/output.log'))
    const stands = async (): Promise<boolean> => (await answers(port)) && nginxWorkers(program.pid).length > 0
    await until(`NGINX answers on port ${port}`, stands, program)
    return { port, worker: oneWorker(program), stop: program.stop }
  }

function oneWorker(program: Program): number {
  const [worker, ...others] = nginxWorkers(program.pid)
  if (worker === undefined || others.length > 0) throw new Error(`NGINX must have one worker, has ${others.length + (worker ? 1 : 0)}`)
  return worker
}

export function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = createConnection(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      done(true)
    })
    socket.once('error', () => done(false))
  })
}
