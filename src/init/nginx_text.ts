/** The parts of the NGINX configuration that are somebody's own: one location a server, and where those with a host name run. */
import type { NamedServer } from './server.ts'

export function locationsText(servers: readonly NamedServer[]): string {
  const locations = servers.map(
    ({ name, url }) => `location ^~ /${name}/ {
    set $gatehouse_server   ${name};
    set $gatehouse_upstream ${url};
    include gatehouse/location.conf;
}
`,
  )
  return `# The MCP servers behind the gate. Include in server {}, behind gatehouse/server.conf.
#
# The name is the one in scopes.yml, and the path. Nothing else belongs into these locations.

${locations.join('\n')}`
}

/** Null when every server has an address of its own. */
export function upstreamsText(servers: readonly NamedServer[]): string | null {
  const upstreams = servers.flatMap(({ upstream }) => upstream ?? [])
  if (upstreams.length === 0) return null
  const blocks = upstreams.map(
    ({ name, address }) => `upstream ${name} {
    server ${address};
    keepalive 32;
    keepalive_timeout 4s;
}
`,
  )
  return `# Where MCP servers with a host name run. Include in http {}, behind gatehouse/http.conf.
#
# The name is looked up when nginx starts or is reloaded. The server hears the name of the upstream as its Host.

${blocks.join('\n')}`
}
