/** After signing out. */
import { Layout } from './layout.tsx'

export const SignedOutPage = () => (
  <Layout title="Signed out" narrow>
    <section class="card">
      <h1>You are signed out</h1>
      <p>
        The session of this browser has ended, and a copy of its cookie is worth nothing after a few seconds. A program that you signed in
        by <code>gatehouse login</code> has a session of its own: end it there, by <code>gatehouse logout</code>.
      </p>
      <div class="actions">
        <a class="button" href="/oauth2/login/cognito">
          Sign in again
        </a>
      </div>
    </section>
  </Layout>
)
