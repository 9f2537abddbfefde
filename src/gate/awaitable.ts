/** Values that may be at hand already: what is remembered is answered without a turn of the event loop. */

export type Awaitable<T> = T | Promise<T>

/** Goes on at once with a value that is at hand, and later with one that is awaited. What fails at once throws, what fails later rejects. */
export function andThen<T, R>(value: Awaitable<T>, next: (value: T) => Awaitable<R>): Awaitable<R> {
  return value instanceof Promise ? value.then(next) : next(value)
}
