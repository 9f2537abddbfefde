/** The shipped parser inside a real nginx: a script of the test hands it the request's body and answers with what came of it. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findNginx } from '../../src/demo/nginx.ts'
import { root } from '../support/gateway.ts'
import { freePort, start, until } from '../support/process.ts'
import { send } from '../support/raw.ts'

/** What the parser says: a call, or why there is none. */
export interface Verdict {
  method?: string
  name?: string | null
  id: string
  refused?: string
}

/** What the filter of lists makes of a text: see nginx/gatehouse/lists.js. */
export interface Shown {
  text: string | null
  id: string
}

export interface NjsParser {
  /** The strict reader's verdict; refused with `quick: …` where the quick one says something else. */
  parse(body: Buffer): Promise<Verdict>
  quick(body: Buffer): Promise<{ method: string; name: string } | null>
  /** Has a list shown to who may do what is in the set. */
  shown(text: string, method: string, set: string, scoped: boolean): Promise<Shown>
  close(): Promise<void>
}

// Decodes as gate.js does. A throw is answered too: it would be a 500 of the gate.
const SCRIPT = `
import reader from './call.js'
import lists from './lists.js'
import quick from './quick.js'
function text(r) {
  const body = r.requestBuffer
  return body === undefined || body.length === 0 ? '' : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
}
function parse(r) {
  let read
  try {
    read = text(r)
  } catch (e) {
    return r.return(200, JSON.stringify({ refused: 'body_not_utf8', id: '' }))
  }
  try {
    const strict = reader.parse(read)
    const call = quick.read(read)
    const same = call === null || (strict.refused === undefined && strict.method === call.method && strict.name === call.name)
    return r.return(200, JSON.stringify(same ? strict : { refused: 'quick: ' + JSON.stringify(call), id: '' }))
  } catch (e) {
    return r.return(200, JSON.stringify({ refused: 'thrown: ' + e, id: '' }))
  }
}
function quickly(r) {
  try {
    return r.return(200, JSON.stringify(quick.read(text(r))))
  } catch (e) {
    return r.return(200, 'null')
  }
}
function shown(r) {
  try {
    const asked = r.headersIn
    const set = lists.wordsOf(decodeURIComponent(asked['X-Set']))
    return r.return(200, JSON.stringify(lists.shown(text(r), asked['X-Method'] || '', set, asked['X-Scoped'] === 'true')))
  } catch (e) {
    return r.return(200, JSON.stringify({ text: 'thrown: ' + e, id: '' }))
  }
}
export default { parse, quickly, shown }
`

const config = (port: number, module: string): string => `
load_module ${module};
worker_processes 1;
pid logs/nginx.pid;
events {}
http {
  access_log off;
  client_body_temp_path tmp/body; proxy_temp_path tmp/proxy; fastcgi_temp_path tmp/f; uwsgi_temp_path tmp/u; scgi_temp_path tmp/s;
  keepalive_requests 1000000;
  client_max_body_size 2m;
  client_body_buffer_size 2m;
  js_import test from test.js;
  server { listen 127.0.0.1:${port}; location / { js_content test.parse; } location /quick { js_content test.quickly; } location /shown { js_content test.shown; } }
}
`

export async function startNjsParser(): Promise<NjsParser> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-njs-'))
  for (const name of ['logs', 'tmp']) mkdirSync(join(folder, name))
  const port = await freePort()
  const { nginx: binary, module } = findNginx()
  for (const file of ['call.js', 'json.js', 'patterns.js', 'lists.js', 'quick.js'])
    cpSync(join(root, 'nginx/gatehouse', file), join(folder, file))
  writeFileSync(join(folder, 'test.js'), SCRIPT)
  writeFileSync(join(folder, 'nginx.conf'), config(port, module))
  const nginx = start(binary, ['-p', folder, '-e', join(folder, 'logs/error.log'), '-c', join(folder, 'nginx.conf'), '-g', 'daemon off;'])
  await until('nginx answers', async () => (await send(port, 'GET / HTTP/1.0\r\n\r\n')).length > 0)
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  return {
    parse: (body) => ask<Verdict>(port, agent, '/', body),
    quick: (body) => ask<{ method: string; name: string } | null>(port, agent, '/quick', body),
    shown: (text, method, set, scoped) =>
      ask<Shown>(port, agent, '/shown', Buffer.from(text), {
        'x-method': method,
        'x-set': encodeURIComponent(set),
        'x-scoped': String(scoped),
      }),
    close: async () => {
      agent.destroy()
      await nginx.stop('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function ask<T>(port: number, agent: Agent, path: string, body: Buffer, more: Record<string, string> = {}): Promise<T> {
  return new Promise((done, fail) => {
    const headers = { 'content-length': body.length, ...more }
    const outgoing = request({ host: '127.0.0.1', port, path, method: 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        try {
          done(JSON.parse(text))
        } catch {
          fail(new Error(`nginx answered ${response.statusCode}: ${text.slice(0, 200)}`))
        }
      })
    })
    outgoing.on('error', fail)
    outgoing.end(body)
  })
}
