/** What Linux says of a process (proc(5)). */
import { readdirSync, readFileSync } from 'node:fs'

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** Nanoseconds on a processor from /proc/PID/task/TID/schedstat; null when the kernel keeps none. */
export function parseSchedstat(text: string): number | null {
  const nanoseconds = Number(/^(\d+) \d+ \d+\s*$/.exec(text)?.[1] ?? Number.NaN)
  return Number.isNaN(nanoseconds) ? null : nanoseconds
}

/** Clock ticks in user and kernel mode from /proc/PID/stat. The name, which comes before, may hold spaces and brackets. */
export function parseTicks(text: string): number | null {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  return Number.isNaN(ticks) ? null : ticks
}

/** Kilobytes under a name of /proc/PID/smaps_rollup or /proc/PID/status. */
export function parseKilobytes(text: string, name: string): number | null {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]
  return found === undefined ? null : Number(found)
}

/** Numbers of a list such as `0-2,5`. */
export function parseCores(text: string): number[] {
  return text
    .trim()
    .split(',')
    .flatMap((range) => {
      const [first = Number.NaN, last = first] = range.split('-').map(Number)
      return Number.isNaN(first) || range === '' ? [] : Array.from({ length: last - first + 1 }, (_, index) => first + index)
    })
}

/** The cores that this process may run on. */
export const allowedCores = (): number[] => parseCores(/^Cpus_allowed_list:\s*(.*)$/m.exec(read('/proc/self/status'))?.[1] ?? '0')

/** How many files a process started here may have open. */
export const openFilesLimit = (): number => Number(/^Max open files\s+(\d+)/m.exec(read('/proc/self/limits'))?.[1] ?? 1024)

const TICK_MICROSECONDS = 10_000

/** Microseconds of processor time of all threads so far. */
export function cpuMicroseconds(pid: number): number {
  let nanoseconds = 0
  let known = true
  for (const thread of threadsOf(pid)) {
    const one = parseSchedstat(read(`/proc/${pid}/task/${thread}/schedstat`))
    if (one === null) known = false
    else nanoseconds += one
  }
  if (known && nanoseconds > 0) return nanoseconds / 1000
  return (parseTicks(read(`/proc/${pid}/stat`)) ?? 0) * TICK_MICROSECONDS
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
}

/** Kilobytes that are resident, shared pages by their share. */
export function memoryKilobytes(pid: number): number {
  return parseKilobytes(read(`/proc/${pid}/smaps_rollup`), 'Pss') ?? parseKilobytes(read(`/proc/${pid}/status`), 'VmRSS') ?? 0
}

/** Kilobytes that are resident, shared pages included: what `ps` and a container's limit show. */
export const residentKilobytes = (pid: number): number => parseKilobytes(read(`/proc/${pid}/status`), 'VmRSS') ?? 0

/** The worker processes of an nginx master. */
export function nginxWorkers(master: number): number[] {
  return read(`/proc/${master}/task/${master}/children`)
    .split(' ')
    .map(Number)
    .filter((pid) => pid > 0 && read(`/proc/${pid}/cmdline`).startsWith('nginx: worker process'))
}
