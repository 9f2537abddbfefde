/** The readers of bodies in Node, and the headers that repeat what a body says. `body_njs.test.ts` has the same bodies read inside nginx. */
import reader from '../../nginx/gatehouse/call.js'
import mirror from '../../nginx/gatehouse/mirror.js'
import { objection } from '../nginx/call_oracle.ts'
import { parse, textOf } from '../nginx/glance_texts.ts'
import type { Verdict } from '../nginx/njs.ts'
import { body, doubled, headers, METHODS, name } from './bodies.ts'
import { drawn } from './drawn.ts'
import { fuzzing } from './property.ts'

const tests = fuzzing('body')

tests.property('the strict reader says what JSON.parse says, or refuses', {
  from: drawn(body),
  noted: 0.12,
  objection: (bytes, note) => {
    const verdict = parse(bytes)
    if (verdict.refused === undefined) note()
    const wrong = objection(bytes, verdict)
    return wrong === '' ? '' : `${wrong}: ${JSON.stringify(verdict)}`
  },
  kept: [
    Buffer.from(
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":{},"__proto__":"now","__proto__":"now","\\u006eame":"now","arguments":1}}',
    ),
    Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping","params":[],"\\u0070arams":{}}'),
    Buffer.from('{"params":{"éname":1,"name":"now"},"params":{"name":"now"},"method":"tools/call","id":1}'),
  ],
})

tests.property('a member that is there twice is refused', {
  from: drawn(doubled),
  objection: ({ plain, text }) => {
    if (parse(Buffer.from(plain)).refused !== undefined) return 'refused without the second member too'
    const verdict = parse(Buffer.from(text))
    return verdict.refused === undefined ? `accepted: ${JSON.stringify(verdict)}` : ''
  },
})

tests.property('headers that repeat a call lead back to it', {
  from: drawn((random) => ({ method: random.pick(METHODS.slice(0, 3)), name: name(random), encoded: random.once(2) })),
  noted: 0.3,
  objection: ({ method, name, encoded }, note) => {
    if (!name.isWellFormed() || !reader.isName(name)) return ''
    note()
    const mustEncode = /[^ -~]/.test(name) || name.startsWith('=?base64?')
    const header = encoded || mustEncode ? `=?base64?${btoa(String.fromCharCode(...new TextEncoder().encode(name)))}?=` : name
    const read = mirror.fromHeaders(method, header) as Verdict
    if (read.method !== method || read.name !== name) return `${JSON.stringify(header)} is read as ${JSON.stringify(read)}`
    if (mirror.mirrorProblem({ method, name }, '2026-07-28', method, header) !== '') return `${header} is not the name`
    const other = mirror.mirrorProblem({ method, name: `${name}x` }, '2026-07-28', method, header)
    return other === 'header_mismatch' ? '' : `${header} is another name too`
  },
})

/** By another decoder than the gate's: null where it is no base64, or no UTF-8. */
function decoded(header: string): string | null {
  const text = header.slice('=?base64?'.length, -2)
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
    const again = btoa(String.fromCharCode(...bytes))
    return again === text ? textOf(Buffer.from(bytes)) : null
  } catch {
    return null
  }
}

tests.property('headers are believed for what another decoder reads in them', {
  from: drawn(headers),
  noted: 0.05,
  objection: ({ method, header }, note) => {
    const read = mirror.fromHeaders(method, header) as Verdict
    if (read.refused !== undefined) return ''
    if (read.name === null || read.name === undefined) return reader.isNamed(method) ? 'believed without a name' : ''
    note()
    const expected = header.startsWith('=?base64?') ? (header.endsWith('?=') ? decoded(header) : null) : header
    if (expected !== read.name) return `${JSON.stringify(read.name)} instead of ${JSON.stringify(expected)}`
    if (!read.name.isWellFormed() || [...read.name].length > 256 || /\p{Cc}/u.test(read.name)) return 'no name'
    return mirror.mirrorProblem(read, '2026-07-28', method, header) === '' ? '' : 'the same headers beside the same body are refused'
  },
})

tests.run()
