/** Words to read aloud or to compare, each as a piece of its own. */
export const Words = ({ words, label }: { words: readonly string[]; label: string }) => (
  <ol class="words" aria-label={label}>
    {words.map((word, index) => (
      <li key={index}>{word}</li>
    ))}
  </ol>
)
