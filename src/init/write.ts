/** New files, all of them or none, and never over one that is there. */
import { randomBytes } from 'node:crypto'
import { closeSync, constants, copyFileSync, fsyncSync, linkSync, lstatSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { makeFolder } from '../make_folder.ts'

export interface NewFile {
  /** Below the folder. */
  path: string
  text: string
  /** Readable by its owner alone. */
  isSecret: boolean
}

export type Written = { ok: true } | { ok: false; existing: string[] } | { ok: false; failed: string; code: string }

/** Writes them. Where one exists, or comes to exist meanwhile, nothing is left behind. */
export function writeNewFiles(folder: string, files: readonly NewFile[]): Written {
  const existing = files.map(({ path }) => path).filter((path) => isThere(join(folder, path)))
  if (existing.length > 0) return { ok: false, existing }
  const temporary: string[] = []
  const placed: string[] = []
  let at = ''
  let isPlacing = false
  try {
    const written = files.map((file) => {
      const target = join(folder, file.path)
      at = file.path
      makeFolder(dirname(target))
      const beside = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}`)
      temporary.push(beside)
      writeWhole(beside, file)
      return { beside, target, path: file.path }
    })
    isPlacing = true
    for (const { beside, target, path } of written) {
      at = path
      place(beside, target)
      placed.push(target)
    }
    return { ok: true }
  } catch (error) {
    for (const target of placed) rmSync(target, { force: true })
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    return isPlacing && code === 'EEXIST' ? { ok: false, existing: [at] } : { ok: false, failed: at, code }
  } finally {
    for (const path of temporary) rmSync(path, { force: true })
  }
}

/** Also a link that leads nowhere is there. What is in the way of its folder shows when that is made. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return false
  }
}

function writeWhole(path: string, { text, isSecret }: NewFile): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, isSecret ? 0o600 : 0o644)
  try {
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** A link, unlike a rename, fails where something is. Not every file system has links. */
function place(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    copyFileSync(from, to, constants.COPYFILE_EXCL)
  }
}
