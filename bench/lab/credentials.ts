/** Many credentials, made beforehand by as many processes as there are cores. */
import { spawn } from 'node:child_process'
import { appendFileSync, closeSync, openSync, readFileSync, readSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type CredentialKind = 'token' | 'cookie' | 'forged'

export interface Credentials {
  file: string
  /** The name of the header. */
  header: string
  count: number
}

const PROGRAM = join(dirname(dirname(fileURLToPath(import.meta.url))), 'programs/credentials.ts')

/** No two of them are alike. */
export async function makeCredentials(kind: CredentialKind, count: number, folder: string): Promise<Credentials> {
  const workers = Math.min(availableParallelism(), count)
  const shares = Array.from(
    { length: workers },
    (_, index) => Math.floor(((index + 1) * count) / workers) - Math.floor((index * count) / workers),
  )
  const file = join(folder, `${kind}-${count}`)
  rmSync(file, { force: true })
  await Promise.all(shares.map((share, index) => write(kind, share, folder, `${file}.${index}`)))
  for (let index = 0; index < workers; index += 1) {
    appendFileSync(file, readFileSync(`${file}.${index}`), { mode: 0o600 })
    rmSync(`${file}.${index}`)
  }
  return { file, header: kind === 'cookie' ? 'Cookie' : 'Authorization', count }
}

function write(kind: CredentialKind, count: number, folder: string, out: string): Promise<void> {
  const args = ['--import', 'tsx', PROGRAM, kind, String(count), join(folder, 'secrets.json'), out]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`making ${kind}s ended with ${code}`))))
  })
}

/** More than any credential is long. */
const LONGEST = 65_536

/** The first one of a file, which may be longer than a string can be. */
export function firstOf({ file }: Pick<Credentials, 'file'>): string {
  const descriptor = openSync(file, 'r')
  try {
    const buffer = Buffer.alloc(LONGEST)
    const length = readSync(descriptor, buffer, 0, LONGEST, 0)
    return buffer.toString('utf8', 0, length).split('\n', 1)[0] as string
  } finally {
    closeSync(descriptor)
  }
}
