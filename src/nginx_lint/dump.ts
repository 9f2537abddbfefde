/** What `nginx -T` prints: every file of a configuration after a line with its name, the main one first. */
import { posix } from 'node:path'
import { type Directive, readConfig, UnreadableConfig } from './config.ts'

const HEADER = /^# configuration file (.+):$/

export const isDump = (text: string): boolean => text.split('\n').some((line) => HEADER.test(line))

/**
 * The directives of a whole configuration, those of included files in their place.
 * @param text the output of `nginx -T`; what stands before the first file, such as nginx's remarks, is passed over
 * @throws {UnreadableConfig}
 */
export function readDump(text: string): Directive[] {
  const files = new Map<string, string>()
  let lines: string[] = []
  let main: string | null = null
  for (const line of text.split('\n')) {
    const name = HEADER.exec(line)?.[1]
    if (name === undefined) {
      lines.push(line)
      continue
    }
    if (main !== null) close(files, lines)
    main ??= posix.normalize(name)
    lines = []
    files.set(posix.normalize(name), '')
  }
  if (main === null) throw new UnreadableConfig('it holds no line "# configuration file …:", so it is not what nginx -T prints')
  close(files, lines)
  return readConfig(files, main, includesOf(main, [...files.keys()]))
}

/** The lines since the last header are the content of the file that was named there. */
function close(files: Map<string, string>, lines: readonly string[]): void {
  const name = [...files.keys()].at(-1) as string
  if (files.get(name) === '') files.set(name, lines.join('\n'))
}

/**
 * How nginx finds included files: below the folder of the main file, with the wildcards of glob(3), in the order of their names.
 * A plain name must be there, wildcards may find nothing.
 */
export function includesOf(main: string, names: readonly string[]): (included: string) => string[] {
  return (included) => {
    const full = posix.normalize(posix.isAbsolute(included) ? included : posix.join(posix.dirname(main), included))
    if (!/[*?[]/.test(included)) return [full]
    const pattern = globPattern(full)
    return names.filter((name) => pattern.test(name)).sort()
  }
}

/** A star stands for no slash and for no leading dot (POSIX, pattern matching for filename expansion). */
export function globPattern(glob: string): RegExp {
  const text = glob.replace(/\[[^\]]*\]|[*?]|[.+^${}()|\\[\]]/g, (found) => {
    if (found === '*') return '(?:(?<=/)(?!\\.)[^/]*|(?<!/)[^/]*)'
    if (found === '?') return '[^/]'
    return found.length > 1 && found.startsWith('[') ? found.replace(/^\[!/, '[^') : `\\${found}`
  })
  return new RegExp(`^${text}$`)
}
