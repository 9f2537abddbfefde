/** Colour for a person at a terminal, and text from files made harmless for one. */
import { styleText } from 'node:util'

type Format = 'green' | 'red' | 'yellow' | 'bold' | 'dim'

/** https://no-color.org: any value that is not empty. */
const isWanted = (): boolean => process.stdout.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== 'dumb'

export const paint = (format: Format, text: string): string => (isWanted() ? styleText(format, text) : text)

/** As {@link file://./words.ts} `clean`, for whole lines of any length: only line breaks of our own stay. */
export const harmless = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '')
