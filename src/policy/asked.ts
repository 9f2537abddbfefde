/** A question to the policy as a person writes it: server, method, name. */
import { decodeCall, NAMED } from '../gate/call.ts'
import { isServer } from '../scopes/schema.ts'
import { codeOf } from './explain.ts'
import type { Asked } from './explanation.ts'

/**
 * @param method undefined: whether the server may be used at all
 * @param name of the tool or prompt, or the resource's URI, for the methods that take one
 * @returns the question, or what is wrong with it
 */
export function askedFrom(server: string, method: string | undefined, name: string | undefined): Asked | { problem: string } {
  if (!isServer(server)) return { problem: `"${server}" cannot be a server's name` }
  if (method === undefined) return { server, call: null }
  const kind = NAMED.get(method)
  if (kind !== undefined && name === undefined) return { problem: `${method} takes the name of one of the ${kind}` }
  if (kind === undefined && name !== undefined) return { problem: `${method} takes no name; ${[...NAMED.keys()].join(', ')} do` }
  const call = decodeCall(codeOf({ method, name: name ?? null }))
  return call === null ? { problem: `NGINX refuses such a call: "${[method, name].filter(Boolean).join(' ')}"` } : { server, call }
}

/** The words of one line: all behind the method is the name. */
export function askedFromLine(line: string): Asked | { problem: string } {
  const [, server = '', method, name] = /^(\S+)(?: +(\S+)(?: +(.*\S))?)?\s*$/su.exec(line.trimStart()) ?? []
  return server === '' ? { problem: 'it is empty' } : askedFrom(server, method, name)
}

/** The other way round. */
export const askedText = ({ server, call }: Asked): string => [server, call?.method, call?.name].filter((word) => word != null).join(' ')
