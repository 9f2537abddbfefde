/** Where a login begins. */
import { Afterwards } from './afterwards.tsx'
import { Layout } from './layout.tsx'

interface SignInProps {
  /** Where the user goes afterwards; already checked to be a place to go. */
  next: string | null
  /** Whether the gateway has an app client to sign in by. */
  available: boolean
  /** Why an earlier session does not count any more. */
  notice: string | null
}

export const SignInPage = ({ next, available, notice }: SignInProps) => (
  <Layout title="Sign in" narrow>
    <section class="card">
      <h1>Sign in</h1>
      {notice !== null && <p class="caution">{notice}</p>}
      {available ? <SignIn next={next} /> : <NotSetUp />}
    </section>
  </Layout>
)

const SignIn = ({ next }: { next: string | null }) => (
  <>
    <p>See which MCP servers and tools you may use on this gateway, why, and how to connect your client to them.</p>
    <Afterwards next={next} />
    <div class="actions">
      <a class="button" href={next === null ? LOGIN : `${LOGIN}?redirect_uri=${encodeURIComponent(next)}`}>
        Sign in with Amazon Cognito
      </a>
    </div>
  </>
)

const LOGIN = '/oauth2/login/cognito'

const NotSetUp = () => (
  <>
    <p>Sign-in is not set up on this gateway. Agents can still call MCP servers with an access token of Amazon Cognito.</p>
    <p class="note">
      If you operate it: set <code>COGNITO_CLIENT_ID</code> to the gateway’s own app client.
    </p>
  </>
)
