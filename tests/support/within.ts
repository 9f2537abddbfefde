/** What would otherwise be waited for as long as the file may run, and then nobody would know what it was. */

/** The same work, but it fails when it takes longer; what it does after that is nobody's. */
export function within<Arguments extends unknown[], T>(
  milliseconds: number,
  work: (...given: Arguments) => T | Promise<T>,
): (...given: Arguments) => Promise<T> {
  return async (...given) => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`did not end within ${milliseconds / 1000} s`)), milliseconds)
    })
    try {
      return await Promise.race([work(...given), late])
    } finally {
      clearTimeout(timer)
    }
  }
}
