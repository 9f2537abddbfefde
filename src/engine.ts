/** How the JavaScript engine runs the validator. */
import { createHook } from 'node:async_hooks'
import { PerformanceObserver } from 'node:perf_hooks'
import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString } from 'node:v8'

/** Bytes in use, above which the policy is what takes room, and going through it again and again would cost more than it saves. */
const SMALL = 48 * 1024 * 1024
/**
 * Bytes that what has just been made gets at the least, and no more if the heap is small: V8 gives the next power of two. With a quarter of it
 * the requests under way are copied over and over, which makes a question a seventh dearer; with twice as much it is hardly cheaper.
 */
const ROOM = 3.5 * 1024 * 1024

/**
 * Memory before speed: the little WebAssembly there is (in fetch) is compiled once and plainly. Call it when the modules are loaded: with other
 * flags than it was built with, Node 20 reads its own modules without the code that it has of them ready made, which nearly doubles the
 * start. An engine that does not know a flag goes on without it.
 */
export function prepareEngine(): void {
  for (const flag of ['--liftoff-only', '--wasm-lazy-compilation']) setFlagsFromString(flag)
  keepTickObject()
}

const kept: object[] = []

/**
 * Keeps one of the objects that `process.nextTick` makes for itself. If V8 collects the whole heap while there is none, as it does when a server
 * has been idle for some seconds after its start, it forgets how they are laid out, and Node 20 makes them slowly from then on: a question
 * takes a fifth longer (seen with 20.20; the profile shows it in `nextTick`).
 */
function keepTickObject(): void {
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type === 'TickObject') kept.push(resource)
    },
  })
  hook.enable()
  process.nextTick(() => {})
  hook.disable()
}

/**
 * Call it once the validator has started. A small heap grows by a fifth at a time from now on, and its new objects have little room. In a
 * large one, as a large policy makes it, they have as much as V8 would give them: each time that they are collected, it goes through all pages
 * of the heap.
 */
export function fitHeap(): void {
  fit()
  // V8 gives and takes that room when it collects, and takes it where little is made for some seconds.
  new PerformanceObserver(fit).observe({ entryTypes: ['gc'] })
}

let set = ''

function fit(): void {
  const isSmall = getHeapStatistics().used_heap_size < SMALL
  const growth = roomOfTheNew() < ROOM ? 2 : 1
  // Zero is V8's own choice.
  const flags = isSmall
    ? `--semi-space-growth-factor=${growth} --heap-growing-percent=20`
    : '--semi-space-growth-factor=16 --heap-growing-percent=0'
  if (flags !== set) setFlagsFromString(flags)
  set = flags
}

function roomOfTheNew(): number {
  const space = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')
  return space === undefined ? Number.POSITIVE_INFINITY : space.space_used_size + space.space_available_size
}
