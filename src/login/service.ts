/** What the routes of login and logout work with. */
import type { Login } from '../cognito/login.ts'
import type { Gate } from '../gate/decide.ts'
import type { Logger } from '../log.ts'
import type { EndedSessions } from '../session/ended.ts'
import type { Sealer } from '../session/seal.ts'
import type { SessionOpener } from '../session/session.ts'
import { localPath } from './local_path.ts'

export interface LoginService {
  /** Null when sign-in is not set up. */
  login: { flow: Login; clientId: string; domain: string } | null
  /** The gate as of now; null while there is no policy. */
  gate(): Gate | null
  sealer: Sealer
  openSession: SessionOpener
  ended: EndedSessions
  /** What counts while the store of ended sessions does not answer. */
  whenUnknown: 'closed' | 'open'
  /** App clients; a user must not be named like one. Null when they are not known. */
  clientIds: ReadonlySet<string> | null
  sessionSeconds: number
  cookieName: string
  /** Public URL of the gateway, without a final slash. */
  gateway: string
  /** Seconds since 1970. */
  now(): number
  log: Logger
}

/** Paths on the gateway. */
export const PATHS = {
  start: '/oauth2/',
  login: '/oauth2/login/cognito',
  callback: '/oauth2/callback/cognito',
  logout: '/oauth2/logout/cognito',
  signedOut: '/oauth2/signed-out',
} as const

/** The Cognito groups that the policy maps to something. */
export const knownGroups = (service: LoginService): readonly string[] => service.gate()?.policy.groups ?? []

/** Tells whether the policy, as it is now, maps a Cognito group to something. */
export function knowsGroup(service: LoginService): (group: string) => boolean {
  const policy = service.gate()?.policy
  return (group) => policy?.mapsGroup(group) === true
}

/** Longest place to go to that is kept through a login or a logout: several travel in cookies, and NGINX reads 8 KB of these by default. */
const LONGEST_PLACE = 256

/** A path of this gateway to go to; null for everything else. */
export function placeOf(text: string | null | undefined, { gateway }: Pick<LoginService, 'gateway'>): string | null {
  const path = localPath(text, gateway)
  return path !== null && path.length <= LONGEST_PLACE ? path : null
}

/** Where the parameters of a login say to go afterwards. Null, which is the start page, for everything that is no path of this gateway. */
export const nextOf = (query: URLSearchParams, service: LoginService): string | null =>
  placeOf(query.get('redirect_uri') ?? query.get('next'), service)
