/** Text to take away. The button is hidden until the script runs, and keeps its place meanwhile. */

interface CopyableProps {
  /** Of the element that holds the text; unique on the page. */
  id: string
  text: string
  /** What it is, for those who hear the button: "the URL of currenttime". */
  what: string
}

const CopyButton = ({ id, what }: { id: string; what: string }) => (
  <button type="button" class="copy" data-copy={id} aria-label={`Copy ${what}`}>
    Copy
  </button>
)

export const CopyableLine = ({ id, text, what }: CopyableProps) => (
  <p class="address">
    <code id={id}>{text}</code>
    <CopyButton id={id} what={what} />
  </p>
)

export const CopyableBlock = ({ id, text, what }: CopyableProps) => (
  <div class="snippet">
    <CopyButton id={id} what={what} />
    <pre>
      <code id={id}>{text}</code>
    </pre>
  </div>
)
