import { createHash } from 'node:crypto'
import { Script } from 'node:vm'
import { ASSETS } from '../../src/login/assets.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'

const assets = suite('stylesheet and script')

for (const [name, { href, body, type }] of Object.entries(ASSETS)) {
  assets(`${name} has an address of its content`, () => {
    const hash = createHash('sha256').update(body).digest('base64url').slice(0, 16)
    assert.is(href, `/oauth2/${name}?v=${hash}`)
    assert.match(type, /^text\/(?:css|javascript); charset=utf-8$/)
  })
}

assets('the stylesheet asks for nothing from elsewhere, and its braces match', () => {
  const { body } = ASSETS['style.css']
  assert.not.match(body, /url\(|@import|@font-face/)
  assert.is(body.split('{').length, body.split('}').length)
})

assets('the script is a script, and makes no markup from text', () => {
  const { body } = ASSETS['copy.js']
  assert.ok(new Script(body))
  assert.not.match(body, /innerHTML|outerHTML|insertAdjacent|eval|Function|\.style/)
})

/** WCAG 2.2, "relative luminance" and "contrast ratio". */
function contrast(a: string, b: string): number {
  const luminance = (colour: string): number => {
    const [red, green, blue] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    }) as [number, number, number]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

const PAIRS: [string, string, number][] = [
  ...['ground', 'card', 'inset', 'tint', 'caution'].map((ground): [string, string, number] => ['text', ground, 4.5]),
  ...['ground', 'card', 'inset'].map((ground): [string, string, number] => ['muted', ground, 4.5]),
  ...['ground', 'card', 'tint'].map((ground): [string, string, number] => ['accent', ground, 4.5]),
  ['accent-hover', 'card', 4.5],
  ['on-accent', 'accent', 4.5],
  ['on-accent', 'accent-hover', 4.5],
  ['on-caution', 'caution-line', 4.5],
  ['control', 'card', 3],
  ['control', 'ground', 3],
  ['caution-line', 'card', 3],
]
const schemes = ASSETS['style.css'].body.split('@media (prefers-color-scheme: dark)')
for (const [scheme, css] of [
  ['light', schemes[0]],
  ['dark', schemes[1]],
] as const) {
  const colours = new Map([...(css ?? '').matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]))
  for (const [text, ground, least] of PAIRS) {
    assets(`${scheme}: ${text} can be told from ${ground}`, () => {
      const ratio = contrast(colours.get(text) ?? '', colours.get(ground) ?? '')
      assert.ok(ratio >= least, `contrast ${ratio.toFixed(2)}, at least ${least} is needed`)
    })
  }
}

assets.run()
