/** The shipped `servers.yml`, with the local stack's ports. */
import { readFileSync, writeFileSync } from 'node:fs'
import type { Ports } from './ports.ts'

/** What the file says; each must be found exactly once. */
const SHIPPED = { currenttime: 'http://127.0.0.1:9001/mcp', mcpgw: 'http://127.0.0.1:9002/mcp' } as const

/** Writes to `target` what `source` says, with these ports instead of the shipped ones. */
export function writeServersFile(source: string, target: string, ports: Ports): void {
  let text = readFileSync(source, 'utf8')
  for (const [name, url] of Object.entries(SHIPPED)) {
    const line = `url: ${url}\n`
    if (text.split(line).length !== 2) throw new Error(`servers.yml must hold "${line.trim()}" once`)
    text = text.replace(line, `url: http://127.0.0.1:${ports[name as keyof typeof SHIPPED]}/mcp\n`)
  }
  writeFileSync(target, text)
}
