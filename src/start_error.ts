/** A problem that the person who started the process can solve; the message is all they need, so no stack is shown. */
export class StartError extends Error {
  override name = 'StartError'
}
