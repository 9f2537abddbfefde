/** JSON of strangers, for tests that judge what others make of it. */

const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?/gs

/**
 * JSON.parse, but for what V8 makes of escapes in names of members: Node 24 and 26 take `\u0041` for `\` once they have seen an object with
 * that member (nodejs/node#63785). So names come to it without escapes; characters that need one are of the private use area in the value.
 * @throws {SyntaxError} as JSON.parse does
 */
export function parseJson(text: string): unknown {
  return JSON.parse(
    text.replace(STRING, (whole, colon?: string) =>
      colon === undefined ? whole : `"${withoutEscapes(JSON.parse(whole.slice(0, -colon.length)))}"${colon}`,
    ),
  )
}

const withoutEscapes = (name: string): string =>
  name.replace(/["\\\u0000-\u001f]/g, (character) => String.fromCharCode(0xe000 + character.charCodeAt(0)))
