import { diffArrays } from "diff";
import { visible } from "../parts/visible.ts";

/** Differences beyond this many are shown as a whole. The work grows with their square. */
const editsMax = 1_000;

const marks = { same: "", removed: "−", added: "+" } as const;
const words = { same: "unchanged", removed: "removed", added: "added" } as const;
type Row = { kind: keyof typeof marks; from: number | null; to: number | null; text: string };

function rowsOf(from: readonly string[], to: readonly string[]): Row[] {
  const parts = diffArrays([...from], [...to], { maxEditLength: editsMax }) ?? [
    { value: [...from], removed: true, added: false },
    { value: [...to], removed: false, added: true },
  ];
  let [old, now] = [0, 0];
  return parts.flatMap(({ value, removed, added }) =>
    value.map((text): Row => {
      if (removed) return { kind: "removed", from: ++old, to: null, text };
      if (added) return { kind: "added", from: null, to: ++now, text };
      return { kind: "same", from: ++old, to: ++now, text };
    }),
  );
}

type Props = { from: readonly string[]; to: readonly string[]; names: readonly [string, string] };

/** Two texts line by line, as a table. The kind of a line is a sign and a word, never a colour alone. */
export function LineDiff({ from, to, names: [old, now] }: Props) {
  return (
    <table class="line-diff">
      <caption class="unseen">
        From {old} to {now}
      </caption>
      <thead>
        <tr>
          <th scope="col" class="nr">
            {old}
          </th>
          <th scope="col" class="nr">
            {now}
          </th>
          <th scope="col">Text</th>
        </tr>
      </thead>
      <tbody>
        {rowsOf(from, to).map(({ kind, from: before, to: after, text }) => (
          <tr class={kind}>
            <td class="nr">{before}</td>
            <td class="nr">{after}</td>
            <td>
              <span class="sign" aria-hidden="true">
                {marks[kind]}
              </span>
              {kind === "same" ? null : <span class="unseen">{words[kind]}: </span>}
              <bdi>{visible(text)}</bdi>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
