/** Addresses with parameters. */
export type Parameters = Record<string, string | undefined>

/**
 * Adds parameters in the order given; undefined ones are left out. The address itself is not touched, so custom schemes
 * and a query that it already has survive.
 * @param mark `#` for what the implicit flow would answer
 */
export function withParameters(address: string, parameters: Parameters, mark: '?' | '#' = '?'): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const joint = mark === '?' && address.includes('?') ? '&' : mark
  return `${address}${joint}${new URLSearchParams(given)}`
}
