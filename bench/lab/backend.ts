/** The MCP server of all points: an NGINX of its own that answers from memory, always the same, and counts what it hears. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Nginx, onCores, startConfiguration, wholeConfiguration } from './nginx.ts'

export interface Backend extends Nginx {
  /** Requests heard so far. */
  heard(): Promise<number>
  /** The version of njs, as it says itself. */
  njs: string
}

/** What a call is answered with. */
export const ANSWER = '{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"2026-01-01T00:00:00Z"}],"isError":false}}'
export const LISTED = 20

/** The answer to `tools/list`: so many tools, of which a policy may open some. */
export const toolList = (count: number): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, result: { tools: Array.from({ length: count }, (_, index) => toolOf(`tool_${index + 1}`)) } })

const toolOf = (name: string): object => ({
  name,
  description: `What ${name} does, in a sentence or two as servers write them. It takes a zone and gives the time there.`,
  inputSchema: { type: 'object', properties: { zone: { type: 'string', description: 'IANA name of a time zone' } }, required: ['zone'] },
})

/** `return` answers before a large body has come in; this handler waits for it. */
const READER = `function read(r) { r.headersOut['Content-Type'] = 'application/json'; r.return(200, '${ANSWER}') }
function version(r) { r.return(200, njs.version) }
export default { read, version }
`

/** nginx takes no word of its configuration that is longer than 4 KB. */
function returning(text: string): string {
  const pieces = text.match(/.{1,3000}/g) ?? []
  const sets = pieces.map((piece, index) => `set $piece_${index} '${piece}';`)
  return `${sets.join(' ')} return 200 '${pieces.map((_, index) => `$piece_${index}`).join('')}';`
}

const configuration = (port: number): string =>
  wholeConfiguration(
    `    js_import reader.js;
    access_log off;
    keepalive_requests 1000000000;
    server {
        listen 127.0.0.1:${port} backlog=4096;
        default_type application/json;
        location / { return 200 '${ANSWER}'; }
        location ~ /list$ { ${returning(toolList(LISTED))} }
        location ~ /read$ { js_content reader.read; }
        location = /_njs { js_content reader.version; }
        location = /_heard { stub_status; }
    }`,
    16_384,
  )

export async function startBackend(folder: string, port: number, pinned: readonly string[]): Promise<Backend> {
  mkdirSync(join(folder, 'conf'), { recursive: true })
  writeFileSync(join(folder, 'conf/reader.js'), READER)
  const nginx = await startConfiguration(folder, configuration(port), port, onCores(pinned))
  const njs = await (await fetch(`http://127.0.0.1:${port}/_njs`)).text()
  let own = 1
  return {
    ...nginx,
    njs,
    heard: async () => {
      const text = await (await fetch(`http://127.0.0.1:${port}/_heard`)).text()
      own += 1
      return parseStatus(text) - own
    },
  }
}

/** The requests of nginx's stub_status: the third number of `accepts handled requests`. */
export function parseStatus(text: string): number {
  const requests = /^\s*\d+ \d+ (\d+)\s*$/m.exec(text)?.[1]
  if (requests === undefined) throw new Error(`stub_status says ${text}`)
  return Number(requests)
}
