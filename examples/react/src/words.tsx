/** Five words that two screens show: are they the same, it is the device that the person holds. */
export const Words = ({ words }: { words: readonly string[] }) => (
  <ol className="words" aria-label="Words to compare">
    {words.map((word) => (
      <li key={word}>{word}</li>
    ))}
  </ol>
)
