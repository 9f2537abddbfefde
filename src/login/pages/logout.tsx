/** Asks before signing out, for those who come by a link. */
import { Afterwards } from './afterwards.tsx'
import { Layout } from './layout.tsx'
import { Name } from './name.tsx'
import { SignOutForm } from './sign_out_form.tsx'

interface LogoutProps {
  user: string
  /** Where the user goes afterwards; already checked to be a place to go. */
  next: string | null
}

export const LogoutPage = ({ user, next }: LogoutProps) => (
  <Layout title="Sign out" narrow>
    <section class="card">
      <h1>Sign out?</h1>
      <p>
        You are signed in as{' '}
        <strong>
          <Name text={user} />
        </strong>
        . Signing out ends the session of this browser, and every copy of it.
      </p>
      <Afterwards next={next} />
      <div class="actions">
        <SignOutForm next={next} />
        <a class="button quiet" href="/oauth2/">
          Stay signed in
        </a>
      </div>
    </section>
  </Layout>
)
