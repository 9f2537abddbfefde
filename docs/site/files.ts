/** Files of the repository that pages link to, laid beside the pages as plain text, because the site stands by itself. */
import { copyFileSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path/posix'
import { laidAs } from './pages.ts'

/** Lays a file, or a folder's files with a list of them, where the site's links to it lead. */
export function layFile(root: string, folder: string, file: string): void {
  const source = join(root, file)
  const target = join(folder, laidAs(file))
  if (!statSync(source).isDirectory()) {
    mkdirSync(dirname(target), { recursive: true })
    copyFileSync(source, `${target}.txt`)
    return
  }
  const names = readdirSync(source)
  for (const name of names) layFile(root, folder, join(file, name))
  mkdirSync(target, { recursive: true })
  const items = names.map((name) => {
    const below = statSync(join(source, name)).isDirectory() ? `${name}/` : `${name}.txt`
    return `<li><a href="${below}">${name}</a></li>`
  })
  writeFileSync(
    join(target, 'index.html'),
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>${file}</title><h1>${file}</h1><ul>${items.join('')}</ul></html>\n`,
  )
}
