// Lets Node before 22 load programs that import fs.globSync, which they have for a use of their own.
import * as fs from 'node:fs'
import { register } from 'node:module'

const FS = `export * from 'node:fs'
export { default } from 'node:fs'
export const globSync = () => { throw new Error('globSync needs Node 22') }`
const url = JSON.stringify(`data:text/javascript,${encodeURIComponent(FS)}`)
const hooks = `export const resolve = (specifier, context, next) =>
  specifier === 'fs' ? { url: ${url}, shortCircuit: true } : next(specifier, context)`

if (!('globSync' in fs)) register(`data:text/javascript,${encodeURIComponent(hooks)}`)
