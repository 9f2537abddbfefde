/** What the gate said about the caller of a request, in its headers. Whoever reaches the registry past the gate can write them himself. */

/** Headers with one value, and headers with a list whose items are percent-encoded one by one. */
const SINGLE = ['X-User', 'X-Username', 'X-Client-Id', 'X-Auth-Method', 'X-Server-Name', 'X-Tool-Name']
const LISTS = ['X-Scopes', 'X-Groups']

/** What must have stayed at the gate. */
const CREDENTIALS = ['Authorization', 'Cookie']

/** The scopes to judge by. None without the header, and none when it came twice: the gate never does that. */
export function scopesOf(headers: Headers): string[] {
  const value = headers.get('X-Scopes') ?? ''
  if (value.includes(',')) return []
  const scopes = value.split(' ').flatMap((item) => decoded(item) || [])
  return [...new Set(scopes)]
}

/** The identity headers, decoded; null where one did not arrive. Of credentials only whether they arrived. */
export function callerOf(headers: Headers): Record<string, unknown> {
  const shown = (value: string | null): string | null => decoded(value ?? '') ?? value
  const single = SINGLE.map((name) => [name, headers.has(name) ? shown(headers.get(name)) : null])
  const lists = LISTS.map((name) => [name, headers.get(name)?.split(/[ ,]+/).filter(Boolean).map(shown) ?? null])
  const arrived = CREDENTIALS.map((name) => [name, headers.has(name)])
  return { ...Object.fromEntries([...single, ...lists]), arrived: Object.fromEntries(arrived) }
}

/** Null for what is not percent-encoding. */
function decoded(value: string): string | null {
  try {
    return decodeURIComponent(value)
  } catch {
    return null
  }
}
