// The quick way to read a message: nearly all are short calls as the usual serializers write them. It says what is called, or null, and
// then call.js has the word; what it reads, call.js reads in the same way, to which the tests hold it.
// Pure: see call.js.

// Characters, and bytes, up to which it is tried.
const LONGEST = 8192

// Gives { method, name } or null for whatever takes a closer look. (The patterns stand where they are used: as constants njs would make them
// for each request, and for its answer too.)
function read(text) {
  if (text.length > LONGEST) return null
  // The two orders in which clients write the members, with at most one space behind a comma or colon.
  const message =
    text.charCodeAt(2) === 106
      ? /^\{"jsonrpc": ?"2\.0", ?"id": ?(?:0|[1-9][0-9]{0,14}|"[ !#-[\]-~]{0,64}"), ?"method": ?"(tools\/call|prompts\/get|resources\/read)", ?"params": ?(\{[^\n]*\})\}$/.exec(
          text
        )
      : /^\{"method": ?"(tools\/call|prompts\/get|resources\/read)", ?"params": ?(\{[^\n]*\}), ?"jsonrpc": ?"2\.0", ?"id": ?(?:0|[1-9][0-9]{0,14}|"[ !#-[\]-~]{0,64}")\}$/.exec(
          text
        )
  if (message === null) return null
  // Strict JSON (RFC 8259), arguments up to three containers deep. The tests compose it from its parts.
  const params =
    /^\{(?:"(_meta)": ?\{(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*": ?(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"|-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,4})?|true|false|null)(?:, ?(?!\})|(?=\})))*\}, ?)?"(name|uri)": ?"([ !#-[\]-~]{1,256})"(?:, ?"arguments": ?\{(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*": ?(?:(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"|-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,4})?|true|false|null)|\[(?:(?:(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"|-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,4})?|true|false|null)|\[(?:(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"|-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,4})?|true|false|null)(?:, ?(?!\])|(?=\])))*\]|\{(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*": ?(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"|-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,4})?|true|false|null)(?:, ?(?!\})|(?=\})))*\})(?:, ?(?!\])|(?=\])))*\]|\{(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*": ?(?:(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"|-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,4})?|true|false|null)|\[(?:(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"|-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,4})?|true|false|null)(?:, ?(?!\])|(?=\])))*\]|\{(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*": ?(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"|-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,4})?|true|false|null)(?:, ?(?!\})|(?=\})))*\})(?:, ?(?!\})|(?=\})))*\})(?:, ?(?!\})|(?=\})))*\})?(?:, ?"(_meta)": ?\{(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*": ?(?:"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"|-?(?:0|[1-9][0-9]{0,30})(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,4})?|true|false|null)(?:, ?(?!\})|(?=\})))*\})?\}$/.exec(
      message[2]
    )
  if (params === null || (params[1] !== undefined && params[4] !== undefined)) return null
  return (params[2] === 'uri') === (message[1] === 'resources/read') ? { method: message[1], name: params[3] } : null
}

export default { read, LONGEST }
