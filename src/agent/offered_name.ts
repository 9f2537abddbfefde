/** The name under which a model is offered a tool. */

/** Letters, digits, "_" and "-", 64 at most, as every provider takes it, and not one that is taken. */
export function offeredName(wanted: string, isTaken: (name: string) => boolean): string {
  const plain = wanted.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 60)
  let name = plain
  for (let number = 2; isTaken(name); number++) name = `${plain}_${number}`
  return name
}
