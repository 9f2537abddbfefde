/** Signing out changes something, so it is a form and not a link. */
interface SignOutProps {
  /** Whether it stands aside of what the page is about. */
  quiet?: boolean
  /** Where the user goes afterwards; already checked to be a place to go. */
  next?: string | null
}

const LOGOUT = '/oauth2/logout/cognito'

export const SignOutForm = ({ quiet = false, next = null }: SignOutProps) => (
  <form method="post" action={next === null ? LOGOUT : `${LOGOUT}?redirect_uri=${encodeURIComponent(next)}`}>
    <button type="submit" class={quiet ? 'button quiet low' : 'button'}>
      Sign out
    </button>
  </form>
)
