import { ASSETS } from '../../src/login/assets.ts'
import * as assert from '../support/assert.ts'
import { suite } from '../support/suite.ts'
import { everyPage } from './every_page.ts'
import { named, read, valuesOf } from './markup.ts'

const markup = suite('the markup of every page')

const HOSTILE = `"><img src=x onerror=alert(1)><script>alert('1')</script><!--'&amp;--></title></code></script> javascript:alert(1) \${1}`
/** As hostile, and as long as it takes for the same shape of page. */
const HARMLESS = 'x'

for (const [what, html] of everyPage(HOSTILE)) {
  const { tags, text } = read(html)

  markup(`${what}: a document in English with a title`, () => {
    assert.ok(html.startsWith('<!doctype html>\n<html lang="en">'), html.slice(0, 80))
    assert.is(named(tags, 'title').length, 1)
    assert.ok(tags.some(({ attributes }) => attributes.get('name') === 'viewport'))
    assert.ok(tags.some(({ attributes }) => attributes.get('name') === 'color-scheme' && attributes.get('content') === 'light dark'))
  })

  markup(`${what}: no name makes a tag or an attribute`, () => {
    const shape = (source: string): string[] => read(source).tags.map(({ name, attributes }) => [name, ...attributes.keys()].join(' '))
    const harmless = everyPage(HARMLESS).find(([same]) => same === what)?.[1] ?? ''
    assert.equal(shape(html), shape(harmless))
    if (html.includes('alert')) assert.match(text, HOSTILE)
  })

  markup(`${what}: nothing that the policy of the page forbids`, () => {
    assert.equal(
      tags.filter(({ name, attributes }) => name === 'style' || [...attributes.keys()].some((key) => key === 'style' || /^on/.test(key))),
      [],
    )
    assert.equal(
      named(tags, 'script').map(({ attributes }) => Object.fromEntries(attributes)),
      [{ src: ASSETS['copy.js'].href, defer: '' }],
    )
    assert.match(html, '" defer=""></script>')
    for (const href of valuesOf(tags, 'href')) assert.match(href, /^(?:\/oauth2\/|#|data:image\/svg|http:\/\/127\.0\.0\.1:41234\/)/)
    for (const action of valuesOf(tags, 'action')) assert.match(action, /^\/oauth2\/[a-z/]+(?:\?redirect_uri=[\w.!~*'()%-]+)?$/)
  })

  markup(`${what}: one h1, no level left out, the landmarks`, () => {
    const levels = tags.flatMap(({ name }) => (/^h[1-6]$/.test(name) ? [Number(name[1])] : []))
    assert.is(levels.filter((level) => level === 1).length, 1)
    levels.forEach((level, index) => {
      assert.ok(level <= (levels[index - 1] ?? 0) + 1, `h${level} after h${levels[index - 1]}`)
    })
    for (const landmark of ['header', 'main', 'footer']) assert.is(named(tags, landmark).length, 1, landmark)
  })

  markup(`${what}: ids are unique, and what is referred to is there`, () => {
    const ids = valuesOf(tags, 'id')
    assert.equal(
      ids.filter((id, index) => ids.indexOf(id) !== index),
      [],
    )
    const fragments = valuesOf(tags, 'href').flatMap((href) => (href.startsWith('#') ? [href.slice(1)] : []))
    const references = ['aria-labelledby', 'aria-describedby', 'data-copy'].flatMap((attribute) => valuesOf(tags, attribute))
    for (const id of [...fragments, ...references]) assert.ok(ids.includes(id), id)
  })

  markup(`${what}: tables and buttons say what they are`, () => {
    assert.is(named(tags, 'caption').length, named(tags, 'table').length)
    for (const { attributes } of named(tags, 'th')) assert.match(attributes.get('scope') ?? '', /^(?:row|col)$/)
    for (const { attributes } of named(tags, 'button')) assert.match(attributes.get('type') ?? '', /^(?:submit|button)$/)
    const copies = tags.filter(({ attributes }) => attributes.has('data-copy'))
    for (const { attributes } of copies) assert.match(attributes.get('aria-label') ?? '', /^Copy ./)
    assert.ok(tags.some(({ attributes }) => attributes.get('role') === 'status'))
  })

  markup(`${what}: every class has a style`, () => {
    const classes = new Set(valuesOf(tags, 'class').flatMap((list) => list.split(' ')))
    for (const name of classes) assert.match(ASSETS['style.css'].body, new RegExp(`\\.${name}\\b`), name)
  })
}

markup.run()
