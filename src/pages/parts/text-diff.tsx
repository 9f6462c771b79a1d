import { diffWordsWithSpace } from "diff";
import { Quoted } from "./bits.tsx";

/** Longest text that is compared word by word. The work grows with the square of the differences. */
const comparedCharactersMax = 20_000;

/** Differences beyond this many are shown as a whole. */
const editsMax = 400;

/** Two versions of a foreign text, with the words that differ marked. Screen readers hear the marks as words. */
export function TextDiff({ from, to }: { from: string; to: string }) {
  const isLong = from.length + to.length > comparedCharactersMax;
  const parts = isLong ? undefined : diffWordsWithSpace(from, to, { maxEditLength: editsMax });
  const shown = parts ?? [
    { value: from, removed: true, added: false },
    { value: to, removed: false, added: true },
  ];
  return (
    <span class="text-diff">
      {shown.map(({ value, added, removed }) =>
        removed ? (
          <del>
            <span class="unseen">removed: </span>
            <Quoted text={value} />
          </del>
        ) : added ? (
          <ins>
            <span class="unseen">added: </span>
            <Quoted text={value} />
          </ins>
        ) : (
          <Quoted text={value} />
        ),
      )}
    </span>
  );
}
