/** What the processes of a test are doing that does not end. */
import { readdirSync, readFileSync } from 'node:fs'

/** A line for each process of a group: its number, its state (proc_pid_stat(5)), what the kernel has its threads wait for, its command. */
export function describeGroup(group: number): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        const [state, , ofGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        if (Number(ofGroup) !== group) return []
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
        const waits = readdirSync(`/proc/${pid}/task`).map((task) => readFileSync(`/proc/${pid}/task/${task}/wchan`, 'utf8'))
        return [`${pid} ${state} ${waits.join(',')} ${command}`]
      } catch {
        // It has ended meanwhile.
        return []
      }
    })
}
