/** What there is to compare with, all in one NGINX: no gate, the cheapest ways of asking anybody, and peers. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../src/demo/ports.ts'
import type { Lab } from './lab.ts'
import { type Nginx, onCores, type StartNginx, startConfiguration, wholeConfiguration } from './nginx.ts'

/** A program that NGINX asks by auth_request, the way its own documentation configures it. */
export interface Asked {
  name: string
  port: number
  /** The path that it answers. */
  path: string
  /** Lines of the location in which it is asked, beside those that leave out the body. */
  question: string
  /** Lines of the protected location. */
  taken: string
}

/** The cheapest gate that reads the body: njs parses it, and then somebody is asked. */
const CHEAPEST = `function gate(r, next) {
  let message
  try {
    message = JSON.parse(r.requestText)
  } catch (e) {
    r.return(400)
    return
  }
  if (message.method === 'tools/call') r.internalRedirect(next)
  else r.return(403)
}
function inside(r) { gate(r, '@body_ask_inside') }
function loopback(r) { gate(r, '@body_ask_loopback') }
export default { inside, loopback }
`

/** As many fields, and as long a line, as the gate's own audit trail. */
const LOG = `log_format bench escape=json
        '{"time":"$time_iso8601","request_id":"$request_id","remote_addr":"$remote_addr",'
        '"user":"$upstream_http_x_user","client_id":"$upstream_http_x_client_id","auth_method":"$upstream_http_x_auth_method",'
        '"server":"$server_name","http_method":"$request_method","path":"$uri","method":"$http_x_method","name":"$http_x_name",'
        '"decision":"allow","reason":"$http_x_reason","status":$status,"bytes":$body_bytes_sent,'
        '"request_time":$request_time,"upstream_time":"$upstream_response_time","upstream_status":"$upstream_status",'
        '"traceparent":"$http_traceparent"}';
    access_log logs/access.json bench;`

const ASK = `internal;
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
            proxy_set_header Connection "";`

const askingUpstream = ({ name, port }: Pick<Asked, 'name' | 'port'>): string =>
  `    upstream ${name} { server 127.0.0.1:${port}; keepalive 64; }\n`

const askingLocations = ({ name, path, question, taken }: Asked): string => `
        location = /_ask_${name} {
            ${ASK}
            ${question}
            proxy_pass http://${name}${path};
        }
        location /${name}/ {
            auth_request /_ask_${name};
            ${taken}
            proxy_pass http://backend;
        }
`

function configuration(port: number, yes: number, backend: number, asked: readonly Asked[]): string {
  return wholeConfiguration(`    js_import cheapest.js;
    ${LOG}
    upstream backend { server 127.0.0.1:${backend}; keepalive 32; keepalive_timeout 4s; }
    upstream yes { server 127.0.0.1:${yes}; keepalive 64; }
${asked.map(askingUpstream).join('')}
    server {
        listen 127.0.0.1:${yes} backlog=4096;
        access_log off;
        location / { return 204; }
    }
    server {
        listen 127.0.0.1:${port} backlog=4096;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_buffering off;

        location = /_inside { internal; return 204; }
        location = /_loopback {
            ${ASK}
            proxy_pass http://yes;
        }

        location /plain/           { proxy_pass http://backend; }
        location /ask-inside/      { auth_request /_inside;   proxy_pass http://backend; }
        location /ask-loopback/    { auth_request /_loopback; proxy_pass http://backend; }
        location /body-inside/     { js_content cheapest.inside; }
        location @body_ask_inside  { auth_request /_inside;   proxy_pass http://backend; }
        location /body-loopback/   { js_content cheapest.loopback; }
        location @body_ask_loopback { auth_request /_loopback; proxy_pass http://backend; }
${asked.map(askingLocations).join('')}
    }`)
}

export async function startLimits(lab: Lab, asked: readonly Asked[] = [], start: StartNginx = onCores(lab.cores.measured)): Promise<Nginx> {
  const folder = join(lab.folder, `limits-${Math.random().toString(36).slice(2)}`)
  mkdirSync(join(folder, 'conf'), { recursive: true })
  writeFileSync(join(folder, 'conf/cheapest.js'), CHEAPEST)
  const [port, yes] = [await freePort(), await freePort()]
  const nginx = await startConfiguration(folder, configuration(port, yes, lab.backend.port, asked), port, start)
  lab.finally(nginx.stop)
  return nginx
}
