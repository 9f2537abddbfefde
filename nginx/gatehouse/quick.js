// The quick way to read a message: nearly all are short calls as the usual serializers write them. It says what is called, or null, and
// then call.js has the word; what it reads, call.js reads in the same way, to which the tests hold it.
// Pure: see call.js.

// Gives null for whatever takes a closer look, else the method, the name, and the name as it stands in the set of what a caller may do.
// (The pattern stands where it is used: as a constant njs would make it for each request, and for its answer too.)
function read(text) {
  // The two orders in which clients write the members, with at most one space behind a comma or colon. Strict JSON (RFC 8259), arguments up to
  // three containers deep. The tests compose it from its parts.
  const found =
    /^\{(?:"jsonrpc": ?"2\.0", ?"id": ?(?:0|[1-9][0-9]{0,14}|"[ !#-[\]-~]{0,64}"), ?())?"method": ?"(tools\/call|prompts\/get|resources\/read)", ?"params": ?\{(?:"(_meta)": ?\{(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*": ?(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"|-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,4})?|true|false|null)(?:, ?(?!\})|(?=\})))*\}, ?)?"(name|uri)": ?"(?:([A-Za-z0-9_.!~*'()-]{1,256})|([ !#-[\]-~]{1,256}))"(?:, ?"arguments": ?\{(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*": ?(?:(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"|-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,4})?|true|false|null)|\[(?:(?:(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"|-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,4})?|true|false|null)|\[(?:(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"|-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,4})?|true|false|null)(?:, ?(?!\])|(?=\])))*\]|\{(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*": ?(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"|-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,4})?|true|false|null)(?:, ?(?!\})|(?=\})))*\})(?:, ?(?!\])|(?=\])))*\]|\{(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*": ?(?:(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"|-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,4})?|true|false|null)|\[(?:(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"|-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,4})?|true|false|null)(?:, ?(?!\])|(?=\])))*\]|\{(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*": ?(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"|-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,4})?|true|false|null)(?:, ?(?!\})|(?=\})))*\})(?:, ?(?!\})|(?=\})))*\})(?:, ?(?!\})|(?=\})))*\})?(?:, ?"(_meta)": ?\{(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*": ?(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"|-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,4})?|true|false|null)(?:, ?(?!\})|(?=\})))*\})?\}(?:(), ?"jsonrpc": ?"2\.0", ?"id": ?(?:0|[1-9][0-9]{0,14}|"[ !#-[\]-~]{0,64}"))?\}$/.exec(
      text
    )
  if (found === null || (found[1] === undefined) === (found[8] === undefined)) return null
  if (found[3] !== undefined && found[7] !== undefined) return null
  if ((found[4] === 'uri') !== (found[2] === 'resources/read')) return null
  return found[5] === undefined
    ? { method: found[2], name: found[6], word: encodeURIComponent(found[6]) }
    : { method: found[2], name: found[5], word: found[5] }
}

export default read
