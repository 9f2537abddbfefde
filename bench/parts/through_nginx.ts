/** The gate beside what it is compared with: no gate, the cheapest ways of asking anybody, and peers. */
import { LISTED } from '../lab/backend.ts'
import { type CredentialKind, makeCredentials } from '../lab/credentials.ts'
import { type Edit, type Gate, startGate } from '../lab/gate.ts'
import type { Lab } from '../lab/lab.ts'
import { startLimits } from '../lab/limits.ts'
import type { Nginx } from '../lab/nginx.ts'
import { startPeers } from '../lab/peers.ts'
import { policyFor } from '../lab/policy.ts'
import { measureAll, type Target } from '../measure.ts'
import { LIST, throughGate, throughLimits } from './calls.ts'
import type { PartPlan } from './part.ts'

/** More than two cores can do a second: the credentials of a cold round must last for so many. */
const MOST_COLD: Record<'token' | 'cookie', number> = { token: 8000, cookie: 4000 }
const MOST_COOKIES = 60_000

export const throughNginx: PartPlan = {
  name: 'nginx',
  title: 'Through NGINX',
  points: [
    ...['plain', 'ask-inside', 'ask-loopback', 'body-inside', 'body-loopback', 'hot', 'cold', 'cookie-hot', 'cookie-cold'],
    ...['list', 'list-unfiltered', 'uncached', 'oauth2-proxy', 'vouch', 'registry'],
  ],
  notes: [
    'Every variant writes one line of JSON a request with the same number of fields; the gate writes its audit trail as shipped.',
    'Cold: each request brings a token (a session) that nobody has seen before; the load generator then makes each request anew.',
    `Lists: the backend answers \`tools/list\` with ${LISTED} tools, of which the caller may use half.`,
    'Whoever is asked over a connection has connections kept alive, peers too, also where their documentation leaves that out.',
  ],
  async measure(lab, wanted) {
    const { peers, notes, failed } = await startPeers(lab, wanted)
    const limits = await startLimits(lab, peers)
    const ofPeers = peers.map(({ name, title, pid, headers }) => {
      const processes = { nginx: limits.worker, peer: pid }
      const target = throughLimits(lab, limits, `/${name}/mcp`, { name, title, processes })
      return { ...target, headers: { ...target.headers, ...headers } }
    })
    const targets = [...comparisons(lab, limits), ...(await throughTheGate(lab, wanted)), ...ofPeers]
    const chosen = targets.filter(({ name }) => wanted(name))
    return { figures: [...(await measureAll(lab, chosen)), ...failed], notes }
  },
}

export const plain = (lab: Lab, limits: Nginx): Target =>
  throughLimits(lab, limits, '/plain/mcp', { name: 'plain', title: 'plain proxy: no gate' })

export const cheapest = (lab: Lab, limits: Nginx): Target =>
  throughLimits(lab, limits, '/body-inside/mcp', {
    name: 'body-inside',
    title: 'njs reads the body, then a 204 inside NGINX',
  })

export const comparisons = (lab: Lab, limits: Nginx): Target[] => [
  plain(lab, limits),
  throughLimits(lab, limits, '/ask-inside/mcp', { name: 'ask-inside', title: 'auth_request to a 204 inside NGINX' }),
  throughLimits(lab, limits, '/ask-loopback/mcp', { name: 'ask-loopback', title: 'auth_request to a 204 over a kept connection' }),
  cheapest(lab, limits),
  throughLimits(lab, limits, '/body-loopback/mcp', {
    name: 'body-loopback',
    title: 'njs reads the body, then a 204 over a kept connection',
  }),
]

/** The shipped gate, the same with one server's lists unfiltered, and the same with a validator that lets nobody remember. */
async function throughTheGate(lab: Lab, wanted: (point: string) => boolean): Promise<Target[]> {
  const policy = policyFor(['currenttime', 'mcpgw'])
  const gate = await startGate(lab, { name: 'gate', policy })
  const targets: Target[] = [hot(lab, gate)]
  if (wanted('cold')) targets.push(await cold(lab, gate, 'token'))
  targets.push(cookieHot(lab, gate))
  if (wanted('cookie-cold')) targets.push(await cold(lab, gate, 'cookie'))
  if (wanted('uncached')) {
    const uncached = await startGate(lab, { name: 'uncached', policy, env: { DECISION_CACHE_SECONDS: '0' } })
    targets.push({ ...hot(lab, uncached), name: 'uncached', title: 'Gatehouse, DECISION_CACHE_SECONDS=0' })
  }
  targets.push(list(lab, gate))
  if (wanted('list-unfiltered'))
    targets.push(unfiltered(lab, await startGate(lab, { name: 'unfiltered', policy, edits: [WITHOUT_FILTER] })))
  return targets
}

export const hot = ({ authorization }: Lab, gate: Gate): Target =>
  throughGate(gate, { Authorization: authorization }, { name: 'hot', title: 'Gatehouse, one token again and again' })

const cookieHot = ({ cookie }: Lab, gate: Gate): Target =>
  throughGate(gate, { Cookie: cookie }, { name: 'cookie-hot', title: 'Gatehouse, one session again and again' })

const FILTERED = { status: 200, holds: '"tool_10"', without: '"tool_11"' }

function list({ authorization }: Lab, gate: Gate): Target {
  const given = { name: 'list', title: 'Gatehouse, tools/list, filtered', body: LIST, expect: FILTERED }
  return throughGate(gate, { Authorization: authorization }, given, '/currenttime/list')
}

function unfiltered({ authorization }: Lab, gate: Gate): Target {
  const given = {
    name: 'list-unfiltered',
    title: 'Gatehouse, tools/list, filter off',
    body: LIST,
    expect: { status: 200, holds: `"tool_${LISTED}"` },
  }
  return throughGate(gate, { Authorization: authorization }, given, '/currenttime/list')
}

const NAME_LINE = 'set $gatehouse_server   currenttime;'
const WITHOUT_FILTER: Edit = { file: 'example.conf', from: NAME_LINE, to: `${NAME_LINE} set $gatehouse_list_filter off;` }

/** Each round has credentials of its own, and the warm-up too. */
async function cold(lab: Lab, gate: Gate, kind: 'token' | 'cookie'): Promise<Target> {
  const { rounds, seconds } = lab.options
  const all = await (kind === 'token' ? lab.tokens() : cookies(lab, Math.min(MOST_COOKIES, MOST_COLD.cookie * seconds * (rounds + 1))))
  const share = Math.floor(all.count / (rounds + 1))
  const title = kind === 'token' ? 'Gatehouse, every token new' : 'Gatehouse, every session new'
  return throughGate(
    gate,
    {},
    {
      name: kind === 'token' ? 'cold' : 'cookie-cold',
      title,
      seconds: Math.max(1, Math.floor(share / MOST_COLD[kind])),
      credentials: (round) => ({ ...all, first: round * share + 1, last: (round + 1) * share, again: false }),
    },
  )
}

function cookies(lab: Lab, count: number): ReturnType<typeof makeCredentials> {
  lab.say(`sealing ${count} sessions`)
  const kind: CredentialKind = 'cookie'
  return makeCredentials(kind, count, lab.folder)
}
