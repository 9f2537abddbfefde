// What the headers of a request say against it: '' or the reason. Pure: see call.js.

function problem(headers) {
  // Names that some MCP server could take for another one: X_User, X.User. nginx drops them unless the default server of the address says
  // otherwise, and then they are here.
  if (
    Object.keys(headers)
      .join('')
      .search(/[^A-Za-z0-9-]/) !== -1
  )
    return 'header_name'
  // nginx shows the validator only the first of two.
  return headers.Origin !== undefined && headers.Origin.indexOf(',') !== -1 ? 'origin_not_allowed' : ''
}

// Whether the body is something else than JSON in UTF-8.
function bodyProblem(headers) {
  const encoding = headers['Content-Encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') return 'content_encoding'
  const type = (headers['Content-Type'] || '').toLowerCase().split(';')
  if (type[0].trim() !== 'application/json') return 'content_type'
  for (let i = 1; i < type.length; i += 1) {
    const parameter = type[i].trim()
    if (parameter.startsWith('charset') && parameter !== 'charset=utf-8' && parameter !== 'charset="utf-8"') return 'content_type'
  }
  return ''
}

export default { problem, bodyProblem }
