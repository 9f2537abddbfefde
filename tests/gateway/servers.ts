/** More locations for the gate of a test, which lead to the MCP server mcpgw. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * @param conf folder of the installed NGINX files
 * @param servers name → lines of its location's own
 */
export function addServers(conf: string, servers: Record<string, string>): void {
  const file = join(conf, 'example.conf')
  const text = readFileSync(file, 'utf8')
  const locations = Object.entries(servers).map(
    ([name, lines]) => `location /${name}/ {
      set $gatehouse_server ${name};
      set $gatehouse_upstream http://mcpgw;
      ${lines}
      include gatehouse/location.conf;
    }`,
  )
  writeFileSync(
    file,
    text.replace('location /mcpgw/ {', () => `${locations.join('\n')}\nlocation /mcpgw/ {`),
  )
}
