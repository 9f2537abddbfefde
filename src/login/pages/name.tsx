/** Names that somebody else has chosen: users, groups, scopes, servers, tools. */

/** Control and formatting characters, other spaces than the plain one, halves of characters: what a name could hide or turn around by. */
const INVISIBLE = /([\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Cf}\p{Zl}\p{Zp}]|(?! )\p{Zs})/u

const codePoint = (character: string): string => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`

/** Shows a name as it is, without letting it reorder the text around it, and its invisible characters by their numbers. */
export const Name = ({ text }: { text: string }) => (
  <bdi>{text.split(INVISIBLE).map((part, index) => (index % 2 === 1 ? <span class="invisible">{codePoint(part)}</span> : part))}</bdi>
)

export const CodeName = ({ text }: { text: string }) => (
  <code class="chip">
    <Name text={text} />
  </code>
)
