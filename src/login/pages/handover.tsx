/** Asks whether a program on the user's computer may have a session. Made to be read, not to be clicked away. */
import { Layout } from './layout.tsx'
import { Name } from './name.tsx'

interface HandoverProps {
  user: string
  /** Where the program listens, such as `127.0.0.1:41234`. */
  address: string
  /** The program shows the same one in the terminal. */
  code: string
  /** Sealed; comes back as it is. */
  grant: string
  /** Where the program hears that the user does not agree. */
  cancel: string
}

export const HandoverPage = ({ user, address, code, grant, cancel }: HandoverProps) => (
  <Layout title="Allow a program?" narrow>
    <section class="card">
      <h1>Allow a program to act as you?</h1>
      <p>
        A program on this computer (<Name text={address} />) asks for a session in your name,{' '}
        <strong>
          <Name text={user} />
        </strong>
        . With it the program may do whatever you may do on this gateway, until the session ends or you run <code>gatehouse logout</code>.
      </p>
      <div class="stack">
        <p id="compare">Your terminal must show this very code:</p>
        <p class="code" aria-describedby="compare">
          <Name text={code} />
        </p>
      </div>
      <p class="caution">
        <strong>
          If you did not just run <code>gatehouse login</code> on this computer, do not allow it.
        </strong>{' '}
        Nor if the codes differ, or if somebody sent you here: it would let somebody else act as you.
      </p>
      <form method="post" action="/oauth2/handover">
        <input type="hidden" name="grant" value={grant} />
        <p>
          <label>
            <input type="checkbox" name="compared" required autocomplete="off" /> My terminal shows this code
          </label>
        </p>
        <div class="actions">
          <button type="submit" class="button">
            Allow
          </button>
          <a class="button quiet" href={cancel}>
            Cancel
          </a>
        </div>
      </form>
    </section>
  </Layout>
)
