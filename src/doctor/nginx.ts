/** Whether the NGINX in front is really gated, by its configuration. */
import { readListen } from '../config_listen.ts'
import { addressesOf, upstreamsOf } from '../nginx_lint/addresses.ts'
import { BESIDE, gatedServers, judge, OTHER_WAY, UNGATED, type Verdict } from '../nginx_lint/judge.ts'
import { SettingsReader } from '../settings.ts'
import { type Finding, failure, ok, skipped, warning } from './finding.ts'
import type { NginxConfig } from './nginx_source.ts'
import type { Profile } from './profile.ts'

export interface NginxFacts {
  findings: Finding[]
  /** The servers behind the gate; null when no configuration was read. */
  servers: string[] | null
}

const GATE = 'include gatehouse/location.conf;'
const REMEDIES: Readonly<Record<string, string>> = {
  [OTHER_WAY]: `Remove that way, or make it a location with "set $gatehouse_server …; set $gatehouse_upstream …; ${GATE}".`,
  [UNGATED]: `Replace what answers there by "set $gatehouse_server NAME; set $gatehouse_upstream URL; ${GATE}".`,
  [BESIDE]: `If an MCP server answers there, gate it: ${GATE} If not, nothing is wrong.`,
  'no condition has a way of its own': 'Remove the proxy_pass from the condition: it answers before anybody is asked.',
  'no answer before the question': 'Remove it from the location: return, rewrite and try_files run before auth_request.',
  'no longer path leads around a protected location': 'Remove that location: for its path it goes before the one behind the gate.',
  'no location inside a protected one': 'Move it out of the location, or remove it: it does not go through the gate.',
  'an error page neither proxies nor succeeds': 'Remove it: a refusal would become an answer.',
  'no satisfy any': 'Remove it: with it an allowed address or another check is enough.',
  'no regular expression goes before a protected location':
    'Write "location ^~ /NAME/ {" for the locations behind the gate: regular expressions go before others.',
  'no set at server level':
    'Move it into the location: at server level it runs again on internal redirects, and wipes what the gate has found out.',
  'the location of a server has its name': 'Path and name must be the same: location /NAME/ { set $gatehouse_server NAME; … }',
  'the name of the server is a constant': 'Write the name itself; what a client can choose must not decide which rights count.',
  'odd header names reach nobody':
    'Remove it: X_User would reach MCP servers beside X-User. Of several servers on one address the default one decides.',
  'no credential in a log': 'Take it out of the format: whoever reads the log could be anybody in it.',
  'how much may be asked is limited before anybody is asked':
    'Put gatehouse/limited.conf back, its include and its 429: an MCP server is let alone by set $gatehouse_limit off. See docs/limits.md.',
  'how much somebody may ask is not for the client to say': 'Write the name of a class, or off: a client would name the widest.',
  'limits are not only tried out': 'Remove it when the values are good: with it nothing is limited.',
  'a validator that was away is asked again at once': 'Write max_fails=0 behind each server of upstream gatehouse_validator.',
}
const PUT_BACK =
  'Put the shipped files of nginx/gatehouse/ back, untouched but for validator.conf, cache.conf, limits.conf and limited.conf.'

/**
 * @param known names of MCP servers in the policy
 * @param isAsked whether the configuration was named; one that happens to lie here may be of something else
 */
export function examineNginx(config: NginxConfig, known: readonly string[], profile: Profile | null, isAsked: boolean): NginxFacts {
  const none = { servers: null }
  const how = 'Name the right one: --nginx "nginx -c /path/to/nginx.conf", or --nginx-config with a file that holds what nginx -T prints.'
  if (config.kind === 'unwanted') return { findings: [], ...none }
  if (config.kind === 'absent') return { findings: [skipped('nginx', 'no nginx is installed here', how)], ...none }
  if (config.kind === 'unreadable') {
    return { findings: [isAsked ? failure('nginx', config.evidence, config.remedy) : skipped('nginx', config.evidence, how)], ...none }
  }
  const { directives, from } = config
  const gated = gatedServers(directives)
  if (gated.length === 0) {
    const evidence = `${from}: no location is behind the gate`
    const remedy = `Each MCP server needs its location: gatehouse init writes them. ${how}`
    return { findings: [isAsked ? failure('nginx', evidence, remedy) : skipped('nginx', evidence, how)], ...none }
  }
  const names = [...new Set(gated.map(({ name }) => name))]
  const verdicts = judge(directives, known)
  const findings = [
    ...verdicts.map(asFinding),
    ...compareNames(names, known, from),
    ...(profile === null ? [] : compareValidator(config, profile)),
  ]
  const gate = verdicts.some(({ severity }) => severity === 'failure')
    ? []
    : [ok('nginx', `${from}: behind the gate are ${names.join(', ')}`)]
  return { findings: [...gate, ...findings], servers: names }
}

function asFinding({ rule, severity, at, what }: Verdict): Finding {
  const make = severity === 'failure' ? failure : warning
  return make('nginx', `${at}: "${what}" breaks the rule: ${rule}`, REMEDIES[rule] ?? PUT_BACK)
}

function compareNames(names: readonly string[], known: readonly string[], from: string): Finding[] {
  const absent = known.filter((name) => !names.includes(name))
  const unknown = known.length === 0 ? [] : names.filter((name) => !known.includes(name))
  const findings: Finding[] = []
  if (absent.length > 0) {
    const evidence = `${from}: no location for ${absent.join(', ')}, which the policy names`
    findings.push(warning('nginx', evidence, `Add one if the server exists: location /NAME/ { set $gatehouse_server NAME; … ${GATE} }`))
  }
  if (unknown.length > 0) {
    const evidence = `${from}: ${unknown.join(', ')} is behind the gate, and the policy does not name it`
    findings.push(
      warning('nginx', evidence, 'Only scopes for every server ("*") open it. Name it in scopes.yml; upper and lower case count.'),
    )
  }
  return findings
}

/** Where nginx asks, and where the validator listens. In containers these may differ and be right all the same. */
function compareValidator({ directives, from }: Extract<NginxConfig, { kind: 'read' }>, { env, name }: Profile): Finding[] {
  const listen = readListen(new SettingsReader(env))
  const listens = listen.kind === 'unix' ? `unix:${listen.path}` : `${listen.host}:${listen.port}`
  const upstreams = upstreamsOf(directives)
  const asked = addressesOf('http://gatehouse_validator', upstreams)
  const everywhere = listen.kind === 'tcp' && ['0.0.0.0', '::'].includes(listen.host)
  const isSame = addressesOf(listens, upstreams).some((address) => asked.includes(address))
  if (asked.length === 0 || isSame || (everywhere && asked.some((address) => address.endsWith(`:${listen.port}`)))) return []
  const evidence = `${from} asks the validator at ${asked.join(', ')}, and ${name} lets it listen at ${listens}`
  return [
    warning(
      'nginx',
      evidence,
      'Write the same address into gatehouse/validator.conf and VALIDATOR_LISTEN, unless containers translate it.',
    ),
  ]
}
