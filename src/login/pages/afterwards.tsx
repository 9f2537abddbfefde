/** Says plainly where signing in or out leads, before anybody does it. */
import { Name } from './name.tsx'

export const Afterwards = ({ next }: { next: string | null }) =>
  next === null ? null : (
    <p class="note">
      Afterwards you go to{' '}
      <strong>
        <Name text={next} />
      </strong>
    </p>
  )
