/** A part of a run: points that are measured together. */
import type { Figure } from '../figure.ts'
import type { Lab } from '../lab/lab.ts'

export interface PartPlan {
  name: string
  title: string
  /** The names of its figures. */
  points: readonly string[]
  /** Too long for every run. */
  onlyWhenNamed?: boolean
  /** What a reader must know; those that depend on the machine come with the figures. */
  notes: readonly string[]
  /** @param wanted whether a point is to be measured */
  measure(lab: Lab, wanted: (point: string) => boolean): Promise<{ figures: Figure[]; notes?: string[] }>
}
