/** What is written down of a stack, so that a later command finds it: its ports, and the processes that were started. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Ports } from './ports.ts'
import { writePrivate } from './private_file.ts'
import { findRunning, isAlive, type Started } from './processes.ts'
import { argumentsOf, NAMES, type Place } from './programs.ts'

export interface State {
  ports: Ports
  processes: Started[]
}

export interface Found {
  /** Null when nothing was written down, or nothing that can be read. */
  state: State | null
  /** What runs; without a state, what was called with this stack's arguments. */
  running: Started[]
  /** What whoever asks should know, or null. */
  note: string | null
}

const fileOf = ({ folder }: Place): string => join(folder, 'state.json')

export function findStack(place: Place): Found {
  const file = fileOf(place)
  const text = existsSync(file) ? readFileSync(file, 'utf8') : null
  const state = text === null ? null : parse(text)
  if (state !== null) return { state, running: state.processes.filter(isAlive), note: null }
  const lines = argumentsOf(place)
  const running = NAMES.flatMap((name) => findRunning(name, lines[name]))
  if (text === null && running.length === 0) return { state, running, note: null }
  const names = running.map(({ name }) => name).join(', ') || 'none'
  return {
    state,
    running,
    note: `${file} is ${text === null ? 'gone' : 'not whole'}. Of this stack's processes these were found: ${names}`,
  }
}

export const writeState = (place: Place, state: State): void => writePrivate(fileOf(place), JSON.stringify(state))

export const removeState = (place: Place): void => rmSync(fileOf(place), { force: true })

function parse(text: string): State | null {
  try {
    const { ports, processes } = JSON.parse(text) as State
    const areKnown = processes.every(({ name, pid, birth }) => typeof name === 'string' && pid > 0 && typeof birth === 'string')
    return areKnown && typeof ports.gateway === 'number' ? { ports, processes } : null
  } catch {
    return null
  }
}
