/** What a seal looks like. Whether it opens, only its key tells. */

const FORMAT = /^Fe26\.2\*[0-9]+\*[A-Za-z0-9_*-]+~2$/

export const looksSealed = (text: string): boolean => FORMAT.test(text)
