/** What of the gate is taken out, one piece at a time, to see what it costs. Never to be run where it is to keep anybody out. */
import { loadScopes } from '../../src/scopes/load.ts'
import type { Edit } from '../lab/gate.ts'
import { CLIENT, GROUP } from '../lab/identity.ts'
import { policyFor, SCOPE } from '../lab/policy.ts'

export interface Piece {
  /** Of its point: `without-…`. */
  name: string
  title: string
  edits: readonly Edit[]
}

/** The first line of a function, with a line behind it that ends the function at once. */
const endAtOnce = (head: string, statement: string): Edit => ({
  file: 'gatehouse/gate.js',
  from: `\nfunction ${head} {\n`,
  to: `\nfunction ${head} {\n  ${statement}\n`,
})

/** As long as a digest. */
const KEY = 'A'.repeat(32)

/** What the validator says of the caller, said by the configuration. */
const SAID: Record<string, string> = {
  user: '94882468-a0b1-70c2-d3e4-5f60718293a4',
  username: '94882468-a0b1-70c2-d3e4-5f60718293a4',
  client_id: CLIENT,
  scopes: SCOPE,
  groups: GROUP,
  auth_method: 'jwt',
  server_name: 'currenttime',
  mcp_allow: allowed(),
}

function allowed(): string {
  const loaded = loadScopes(policyFor(['currenttime']))
  if ('problems' in loaded) throw new Error(loaded.problems.join('; '))
  return loaded.policy.allowSet([SCOPE], 'currenttime', 4096) ?? ''
}

export const PIECES: readonly Piece[] = [
  {
    name: 'without-digest',
    title: 'hot, what is asked with is not hashed',
    edits: [
      { file: 'gatehouse/gate.js', from: 'async function digest(r) {', to: 'function digest(r) {' },
      { file: 'gatehouse/gate.js', from: "await crypto.subtle.digest('SHA-256', raw.gatehouse_asker)", to: `'${KEY}'` },
    ],
  },
  {
    name: 'without-key',
    title: 'hot, one key for everybody, and njs not asked for it',
    edits: [
      {
        file: 'gatehouse/http.conf',
        from: 'default "$request_method $gatehouse_server $gatehouse_minute $gatehouse_credential";',
        to: `default ${KEY};`,
      },
      { file: 'gatehouse/location.conf', from: 'set $gatehouse_made  $gatehouse_digested;', to: `set $gatehouse_credential ${KEY};` },
    ],
  },
  {
    name: 'without-reader',
    title: 'hot, the body not read',
    edits: [
      {
        file: 'gatehouse/glance.conf',
        from: 'map $gatehouse_text $gatehouse_glance {\n    default "";',
        to: 'map "" $gatehouse_glance {\n    default tools/call;',
      },
      { file: 'gatehouse/gate.js', from: 'const plain = v.gatehouse_tool', to: "const plain = 'now'" },
    ],
  },
  {
    name: 'without-names',
    title: 'hot, header names not looked at',
    edits: [
      { file: 'gatehouse/gate.js', from: '  for (const one in headers) names += one\n', to: '' },
      { file: 'gatehouse/gate.js', from: 'names.search(/[^A-Za-z0-9-]/) !== -1 || ', to: '' },
    ],
  },
  {
    name: 'without-decision',
    title: 'hot, everything passes that has an identity',
    edits: [endAtOnce('gate(r)', "r.variables.gatehouse_pass = '1'; return r.internalRedirect('@gatehouse_proxy')")],
  },
  { name: 'without-look', title: 'hot, a header filter of the answer that does nothing', edits: [endAtOnce('answered(r)', 'return')] },
  {
    name: 'without-filter',
    title: 'hot, no header filter of the answer',
    edits: [{ file: 'gatehouse/server.conf', from: '    js_header_filter gatehouse.answered;\n    proxy_pass', to: '    proxy_pass' }],
  },
  {
    name: 'without-memory',
    title: 'hot, a 204 inside NGINX instead of what is remembered',
    edits: [
      { file: 'gatehouse/question.conf', from: 'proxy_pass http://gatehouse_validator/validate;', to: 'return 204;' },
      ...Object.entries(SAID).map(([name, value]) => ({
        file: 'gatehouse/identity.conf',
        from: `$upstream_http_x_${name};`,
        to: `"${value}";`,
      })),
    ],
  },
  {
    name: 'without-limits',
    title: 'hot, no limits on how fast anybody may ask',
    edits: [
      { file: 'gatehouse/limits.conf', from: '    default 0; ', to: '    default 1; ' },
      { file: 'gatehouse/location.conf', from: 'if ($http_authorization !~* "(?s)', to: 'if ($gatehouse_server !~* "(?s)' },
    ],
  },
  {
    name: 'without-maps',
    title: 'hot, path and Host not looked at',
    edits: ['path', 'host'].map((what) => ({
      file: 'gatehouse/location.conf',
      from: `if ($gatehouse_${what}_problem)    { return 400; }\n`,
      to: '',
    })),
  },
  {
    name: 'without-log',
    title: 'hot, no line of log',
    edits: [{ file: 'example.conf', from: 'access_log logs/access.json gatehouse;', to: 'access_log off;' }],
  },
]
