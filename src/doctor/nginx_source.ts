/** Where the configuration of the NGINX in front comes from: a file, a command, or the nginx that is installed here. */
import { type ExecFileException, execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { type Directive, readConfig, UnreadableConfig } from '../nginx_lint/config.ts'
import { includesOf, isDump, readDump } from '../nginx_lint/dump.ts'

export type NginxSource = { kind: 'file'; path: string } | { kind: 'command'; words: readonly string[] } | { kind: 'installed' }

export type NginxConfig =
  | { kind: 'read'; directives: Directive[]; from: string }
  | { kind: 'unwanted' }
  /** Nobody asked for one, and there is none here. */
  | { kind: 'absent' }
  | { kind: 'unreadable'; evidence: string; remedy: string }

/** Milliseconds, bytes. */
const TIMEOUT = 20_000
const MOST = 64 * 1024 * 1024

export async function readNginx(source: NginxSource): Promise<NginxConfig> {
  if (source.kind === 'file') return readFromFile(source.path)
  if (source.kind === 'command') return readFromCommand(source.words)
  const nginx = findInstalled()
  return nginx === null ? { kind: 'absent' } : readFromCommand([nginx])
}

/** Debian puts nginx where only root's PATH looks. */
function findInstalled(): string | null {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'].filter((folder) => folder.startsWith('/'))
  return folders.map((folder) => join(folder, 'nginx')).find((path) => existsSync(path)) ?? null
}

/** What nginx -T has printed, or a main file whose includes are read from the disk. */
function readFromFile(path: string): NginxConfig {
  try {
    const text = readFileSync(path, 'utf8')
    return { kind: 'read', directives: isDump(text) ? readDump(text) : readMain(resolve(path)), from: path }
  } catch (error) {
    const what = error instanceof UnreadableConfig ? error.message : ((error as NodeJS.ErrnoException).code ?? 'unknown error')
    return { kind: 'unreadable', evidence: `${path} cannot be read: ${what}`, remedy: 'Give the output of: nginx -T' }
  }
}

function readMain(main: string): Directive[] {
  const files = { get: (name: string) => (existsSync(name) ? readFileSync(name, 'utf8') : undefined) }
  return readConfig(files, main, (included) => {
    const folder = dirname(resolve(dirname(main), included))
    const names = /[*?[]/.test(included) && existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
    return includesOf(main, names)(included)
  })
}

/** Without a shell: the words are the program and its arguments. */
function readFromCommand(words: readonly string[]): Promise<NginxConfig> {
  const [program = '', ...args] = words
  const command = [...words, '-T'].join(' ')
  return new Promise((done) => {
    execFile(program, [...args, '-T'], { timeout: TIMEOUT, maxBuffer: MOST }, (error, stdout, stderr) => {
      if (error === null) return done(parse(stdout, command))
      if (error.syscall?.startsWith('spawn')) return done(unstartable(program, String(error.code)))
      const rights = /permission denied/i.test(stderr) ? ` Try it as root: --nginx "sudo ${words.join(' ')}"` : ''
      const remedy = `Correct what it complains about.${rights}`
      done({ kind: 'unreadable', evidence: `${command} fails: ${complaint(error, stderr)}`, remedy })
    })
  })
}

function complaint({ code, killed }: ExecFileException, stderr: string): string {
  const [line = ''] = /\[(?:emerg|alert)\] .*/.exec(stderr) ?? [typeof code === 'string' ? code : stderr.trim().split('\n')[0]]
  if (line !== '') return line
  return killed ? `no end within ${TIMEOUT / 1000} seconds` : `it ended with ${code ?? 'a signal'} and said nothing`
}

const unstartable = (program: string, code: string): NginxConfig => ({
  kind: 'unreadable',
  evidence: code === 'ENOENT' ? `there is no program ${program} (ENOENT)` : `${program} cannot be run: ${code}`,
  remedy: 'Give its whole path by --nginx, or the output of nginx -T by --nginx-config FILE.',
})

function parse(text: string, command: string): NginxConfig {
  try {
    return { kind: 'read', directives: readDump(text), from: command }
  } catch (error) {
    if (!(error instanceof UnreadableConfig)) throw error
    return {
      kind: 'unreadable',
      evidence: `the output of ${command} cannot be read: ${error.message}`,
      remedy: 'Give it by --nginx-config FILE.',
    }
  }
}

/** The words of a command line: blanks part them, quotes keep them together. Null when a quote is not closed. */
export function wordsOf(text: string): string[] | null {
  const words = text.match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? []
  const isWhole = text.replace(/"[^"]*"|'[^']*'/g, '').search(/["']/) === -1
  return isWhole && words.length > 0 ? words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2')) : null
}
