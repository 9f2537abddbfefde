/** Other answers to auth_request, when their programs are at hand. Each gets the same token, its key, and what it needs to accept both. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../src/demo/ports.ts'
import { type Figure, failedFigure } from '../figure.ts'
import { root } from '../root.ts'
import { CLIENT, forgedToken, ISSUER, jwkOf, POOL, publicKeyOf } from './identity.ts'
import type { Lab } from './lab.ts'
import type { Asked } from './limits.ts'
import { type Program, startProgram, until } from './program.ts'

export interface Peer extends Asked {
  title: string
  pid: number
  /** What its clients send beside the token. */
  headers: Record<string, string>
}

interface PeerPlan {
  name: string
  title: string
  /** The variable that says where it is. */
  variable: string
  path: string
  question: string
  taken: string
  headers: Record<string, string>
  command(lab: Lab, where: string, folder: string, port: number): { command: string[]; env?: Record<string, string> }
}

/** oauth2-proxy's documentation, "Configuring for use with the Nginx auth_request directive". */
const OAUTH2_PROXY: PeerPlan = {
  name: 'oauth2-proxy',
  title: 'oauth2-proxy (any token of the client)',
  variable: 'OAUTH2_PROXY',
  path: '/oauth2/auth',
  question: `proxy_set_header Host $host;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header X-Forwarded-Uri $request_uri;`,
  taken: `auth_request_set $peer_user $upstream_http_x_auth_request_user;
            auth_request_set $peer_email $upstream_http_x_auth_request_email;
            proxy_set_header X-User $peer_user;
            proxy_set_header X-Email $peer_email;`,
  headers: {},
  command: (lab, where, _folder, port) => ({
    command: [
      ...[where, `--http-address=127.0.0.1:${port}`, '--reverse-proxy=true', '--upstream=static://202', '--email-domain=*'],
      ...['--set-xauthrequest=true', '--provider=oidc', `--oidc-issuer-url=${ISSUER}`, '--skip-oidc-discovery=true'],
      ...[`--oidc-jwks-url=${lab.jwksUrl}`, `--login-url=${ISSUER}/login`, `--redeem-url=${ISSUER}/token`, '--skip-jwt-bearer-tokens=true'],
      // Cognito's access tokens have the client in client_id, and no e-mail address.
      ...[`--client-id=${CLIENT}`, '--client-secret=unused', '--oidc-audience-claim=client_id', '--oidc-email-claim=username'],
      ...['--cookie-secret=0123456789abcdef0123456789abcdef', '--cookie-secure=false'],
    ],
  }),
}

/** Vouch Proxy's README, "Installation and Configuration". It takes tokens of its own making only, so it is given the key to have made this one. */
const VOUCH: PeerPlan = {
  name: 'vouch',
  title: 'Vouch Proxy (any token of its key)',
  variable: 'VOUCH',
  path: '/validate',
  question: 'proxy_set_header Host $http_host;',
  taken: `auth_request_set $auth_resp_x_vouch_user $upstream_http_x_vouch_user;
            proxy_set_header X-Vouch-User $auth_resp_x_vouch_user;`,
  headers: {},
  command: (lab, where, folder, port) => {
    writeFileSync(join(folder, 'public.pem'), publicKeyOf(lab.secrets).export({ type: 'spki', format: 'pem' }))
    writeFileSync(join(folder, 'private.pem'), lab.secrets.privateKey, { mode: 0o600 })
    writeFileSync(join(folder, 'config.yml'), vouchSettings(folder, port))
    return { command: [where, '-config', join(folder, 'config.yml')], env: { VOUCH_ROOT: folder } }
  },
}

const vouchSettings = (folder: string, port: number): string => `vouch:
  logLevel: info
  testing: false
  listen: 127.0.0.1
  port: ${port}
  allowAllUsers: true
  jwt: { signing_method: RS256, public_key_file: ${folder}/public.pem, private_key_file: ${folder}/private.pem, compress: false }
  cookie: { secure: false, domain: localhost }
oauth:
  provider: oidc
  client_id: ${CLIENT}
  client_secret: unused
  auth_url: ${ISSUER}/login
  token_url: ${ISSUER}/token
  user_info_url: ${ISSUER}/userInfo
  callback_url: http://localhost/auth
  scopes: [openid]
`

/** The MCP Gateway Registry's nginx configuration, without the Lua that hands over the body: it then decides by token alone. */
const REGISTRY: PeerPlan = {
  name: 'registry',
  title: "MCP Gateway Registry's auth server (token alone)",
  variable: 'REGISTRY_AUTH_SERVER',
  path: '/validate',
  question: `proxy_set_header X-Original-URI $request_uri;
            proxy_set_header X-Original-Method $request_method;
            proxy_set_header X-Original-URL $scheme://$host$request_uri;`,
  taken: '',
  headers: { 'X-User-Pool-Id': POOL, 'X-Client-Id': CLIENT, 'X-Region': 'us-east-1' },
  command: (lab, where, folder, port) => {
    const keys = join(folder, 'keys.json')
    writeFileSync(keys, JSON.stringify({ keys: [jwkOf(lab.secrets)] }))
    const python = process.env.REGISTRY_PYTHON || 'python3'
    const program = join(root, 'bench/programs/registry.py')
    return { command: [python, program, where, keys, POOL, String(port)], env: { SECRET_KEY: 'unused', AWS_EC2_METADATA_DISABLED: 'true' } }
  },
}

export interface Peers {
  peers: Peer[]
  notes: string[]
  failed: Figure[]
}

const PLANS = [OAUTH2_PROXY, VOUCH, REGISTRY]

/** Starts those that are wanted and at hand; of the others it is said why they are missing. One that does not start is a fault. */
export async function startPeers(lab: Lab, wanted: (point: string) => boolean): Promise<Peers> {
  const peers: Peer[] = []
  const notes: string[] = []
  const failed: Figure[] = []
  for (const plan of PLANS.filter(({ name }) => wanted(name))) {
    const where = process.env[plan.variable]
    if (!where) notes.push(`Not at hand: ${plan.name} (set ${plan.variable}).`)
    else if (!existsSync(where)) notes.push(`Not at hand: ${plan.name}, because ${plan.variable} names ${where}, and nothing is there.`)
    else {
      await startPeer(lab, plan, where).then(
        (peer) => peers.push(peer),
        (error: Error) => failed.push(failedFigure(plan.name, plan.title, error)),
      )
    }
  }
  for (const note of notes) lab.say(`  ${note}`)
  return { peers, notes, failed }
}

async function startPeer(lab: Lab, plan: PeerPlan, where: string): Promise<Peer> {
  const folder = join(lab.folder, plan.name)
  mkdirSync(folder, { recursive: true })
  const port = await freePort()
  const { command, env } = plan.command(lab, where, folder, port)
  const program: Program = startProgram([...lab.cores.others, ...command], join(folder, 'output.log'), { HOME: folder, ...env })
  lab.finally(program.stop)
  const accepts = async (authorization: string): Promise<boolean> => {
    const headers = { ...plan.headers, Authorization: authorization }
    return (await fetch(`http://127.0.0.1:${port}${plan.path}`, { headers, redirect: 'manual' })).ok
  }
  await until(`${plan.name} accepts the token`, () => accepts(lab.authorization), program)
  // Who lets everybody through has little to do.
  if (await accepts(`Bearer ${forgedToken()}`)) throw new Error(`${plan.name} accepts a token that nobody has signed`)
  return { ...plan, port, pid: program.pid }
}
