/** What a rule of the lint is, and the small questions that rules share. */
import type { Directive, Placed } from './config.ts'
import type { Location } from './location.ts'

/** Gives the places where a configuration steps into one trap. What is undefined is none. */
export type Rule = (locations: readonly Location[], all: readonly Placed[]) => (Directive | undefined)[]

export type Rules = Readonly<Record<string, Rule>>

/** The locations that are wrong, or what is wrong in them. */
export const problems = (
  locations: readonly Location[],
  wrong: (location: Location) => boolean | Directive | undefined,
): (Directive | undefined)[] =>
  locations.map((location) => {
    const found = wrong(location)
    return found === true ? location.directive : found === false ? undefined : found
  })

/** Names in both spellings are one name to nginx. */
export function has(directives: readonly Directive[], name: string, value?: string): boolean {
  return directives.some(({ args }) => args[0]?.toLowerCase() === name.toLowerCase() && (value === undefined || args[1] === value))
}

/** Variables that hold what a client proves itself with, or a part of it. */
export const CREDENTIAL =
  /\$\{?(?:gatehouse_(?:\w+_)?caller|gatehouse_session|token_end|seal_end|http_authorization|http_cookie|http_proxy_authorization|cookie_|arg_|args\b|query_string|is_args|request\b|request_uri|request_body|sent_http_set_cookie|upstream_http_set_cookie|upstream_http_location|http_referer)/

/** Variables whose value the client chooses. */
export const FROM_THE_URL = /\$\{?(?:uri|request_uri|document_uri|args|arg_|query_string|request|http_|cookie_|host|server_name|\d)/
