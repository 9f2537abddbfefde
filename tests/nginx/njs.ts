/** The shipped parser inside a real nginx: a script of the test hands it the request's body and answers with what came of it. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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

export interface Glance {
  method: string
  name: string
  /** The name says the same percent-encoded. */
  plain: boolean
}

export interface NjsParser {
  parse(body: Buffer): Promise<Verdict>
  parseEach(bodies: readonly Buffer[]): Promise<Verdict[]>
  /** What glance.conf reads, null for nothing. */
  glanceEach(bodies: readonly Buffer[]): Promise<Array<Glance | null>>
  /** What the headers of calls are believed to name. */
  mirroredEach(headers: ReadonlyArray<{ method: string; header: string }>): Promise<Verdict[]>
  /** Has a list shown to who may do what is in the set. */
  shown(text: string, method: string, set: string, scoped: boolean): Promise<Shown>
  shownEach(texts: readonly string[], method: string, set: string, scoped: boolean): Promise<Shown[]>
  /** What stands in the error log. */
  complaints(): string
  close(): Promise<void>
}

// Decodes as gate.js does. A throw is answered too: it would be a 500 of the gate. One request brings many texts, because it costs more than
// reading them does.
const SCRIPT = `
import reader from './call.js'
import lists from './lists.js'
import mirror from './mirror.js'
function text(bytes) {
  return bytes.length === 0 ? '' : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
}
function parse(bytes) {
  let read
  try {
    read = text(bytes)
  } catch (e) {
    return { refused: 'body_not_utf8', id: '' }
  }
  try {
    return reader.parse(read)
  } catch (e) {
    return { refused: 'thrown: ' + e, id: '' }
  }
}
function glanced(bytes, r) {
  const v = r.variables
  r.rawVariables.gatehouse_text = bytes
  const method = v.gatehouse_glance
  return method ? { method: method, name: v.gatehouse_tool || v.gatehouse_name, plain: v.gatehouse_tool !== '' } : null
}
function shown(bytes, r) {
  const asked = r.headersIn
  try {
    return lists.shown(text(bytes), asked['X-Method'] || '', lists.wordsOf(decodeURIComponent(asked['X-Set'])), asked['X-Scoped'] === 'true', { left: 1e9 })
  } catch (e) {
    return { text: 'thrown: ' + e, id: '' }
  }
}
function mirrored(bytes) {
  const asked = JSON.parse(bytes.toString())
  return mirror.fromHeaders(asked.method, asked.header)
}
function each(r) {
  const work = { '/': parse, '/glance': glanced, '/shown': shown, '/mirrored': mirrored }[r.uri]
  const lengths = (r.headersIn['X-Lengths'] || '0').split(',')
  const body = r.requestBuffer
  const found = []
  let at = 0
  for (let i = 0; i < lengths.length; i += 1) {
    const end = at + Number(lengths[i])
    found.push(work(at === end ? '' : body.slice(at, end), r))
    at = end
  }
  r.return(200, JSON.stringify(found))
}
export default { each }
`

/** The pattern of the shipped file, which is asked for one text after the other here. */
const glance = readFileSync(join(root, 'nginx/gatehouse/glance.conf'), 'utf8')
  .replace(/^map "\$gatehouse_yes[\s\S]*?\n\}\n/m, '')
  .replace(/^map \$gatehouse_text .*\{$/m, '$& volatile;')

const config = (port: number, module: string, jit: boolean): string => `
load_module ${module};
pcre_jit ${jit ? 'on' : 'off'};
worker_processes 1;
pid logs/nginx.pid;
events {}
http {
  access_log off;
  client_body_temp_path tmp/body; proxy_temp_path tmp/proxy; fastcgi_temp_path tmp/f; uwsgi_temp_path tmp/u; scgi_temp_path tmp/s;
  keepalive_requests 1000000;
  large_client_header_buffers 4 64k;
  client_max_body_size 64m;
  client_body_buffer_size 64m;
  js_import test from test.js;
  js_var $gatehouse_text;
  ${glance}
  server { listen 127.0.0.1:${port}; location / { js_content test.each; } }
}
`

/** @param jit whether the patterns of nginx itself are machine code, as in the shipped configuration */
export async function startNjsParser({ jit = true } = {}): Promise<NjsParser> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-njs-'))
  for (const name of ['logs', 'tmp']) mkdirSync(join(folder, name))
  const port = await freePort()
  const { nginx: binary, module } = findNginx()
  for (const file of ['call.js', 'json.js', 'at_once.js', 'patterns.js', 'items.js', 'lists.js', 'mirror.js'])
    cpSync(join(root, 'nginx/gatehouse', file), join(folder, file))
  writeFileSync(join(folder, 'test.js'), SCRIPT)
  writeFileSync(join(folder, 'nginx.conf'), config(port, module, jit))
  const nginx = start(binary, ['-p', folder, '-e', join(folder, 'logs/error.log'), '-c', join(folder, 'nginx.conf'), '-g', 'daemon off;'])
  await until('nginx answers', async () => (await send(port, 'GET / HTTP/1.0\r\n\r\n')).length > 0)
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })
  const ask = <T>(path: string, bodies: readonly Buffer[], more?: Record<string, string>) => askEach<T>(port, agent, path, bodies, more)
  return {
    parse: async (body) => (await ask<Verdict>('/', [body]))[0] as Verdict,
    parseEach: (bodies) => ask('/', bodies),
    glanceEach: (bodies) => ask('/glance', bodies),
    mirroredEach: (headers) =>
      ask(
        '/mirrored',
        headers.map((one) => Buffer.from(JSON.stringify(one))),
      ),
    shown: async (text, ...how) => (await ask<Shown>('/shown', [Buffer.from(text)], asked(...how)))[0] as Shown,
    shownEach: (texts, ...how) =>
      ask(
        '/shown',
        texts.map((text) => Buffer.from(text)),
        asked(...how),
      ),
    complaints: () => readFileSync(join(folder, 'logs/error.log'), 'utf8'),
    close: async () => {
      agent.destroy()
      await nginx.stop('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const asked = (method: string, set: string, scoped: boolean): Record<string, string> => {
  return { 'x-method': method, 'x-set': encodeURIComponent(set), 'x-scoped': String(scoped) }
}

function askEach<T>(port: number, agent: Agent, path: string, bodies: readonly Buffer[], more: Record<string, string> = {}): Promise<T[]> {
  const body = Buffer.concat(bodies)
  return new Promise((done, fail) => {
    const headers = { 'content-length': body.length, 'x-lengths': bodies.map(({ length }) => length).join(','), ...more }
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
