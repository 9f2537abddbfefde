/** Something went wrong, and what to do about it. */
import { Layout } from './layout.tsx'
import { CodeName } from './name.tsx'

interface ErrorProps {
  title: string
  /** One sentence: what happened. */
  happened: string
  /** One sentence: what to do. */
  advice: string
  /** By which the operator finds it in the log. */
  requestId?: string
}

export const ErrorPage = ({ title, happened, advice, requestId }: ErrorProps) => (
  <Layout title={title} narrow>
    <section class="card">
      <h1>{title}</h1>
      <p>{happened}</p>
      <p>{advice}</p>
      <div class="actions">
        <a class="button" href="/oauth2/">
          Back to the start
        </a>
      </div>
      {requestId !== undefined && (
        <p class="small muted">
          If you ask the operator, name this request: <CodeName text={requestId} />
        </p>
      )}
    </section>
  </Layout>
)
