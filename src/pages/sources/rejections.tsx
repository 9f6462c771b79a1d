import { groupedNumber } from "../../views/numbers.ts";
import { Quoted, Sentence, Time } from "../parts/bits.tsx";
import { RowsTable } from "../parts/rows.tsx";
import { visible } from "../parts/visible.ts";
import { plain } from "../parts/words.ts";
import type { ReadonlyRejection } from "./api-types.ts";

type Props = { rejections: readonly ReadonlyRejection[]; path: string; mayAct: boolean };

/** Refused requests by their code, the most frequent first. */
export function RejectionGroups({ rejections }: { rejections: readonly ReadonlyRejection[] }) {
  const groups = [...Map.groupBy(rejections, ({ code }) => code)].map(([code, all]) => ({
    code,
    count: all.length,
    last:
      all
        .map(({ at }) => at)
        .sort()
        .at(-1) ?? "",
  }));
  return (
    <RowsTable
      label="Refused requests by code"
      columns={["Refused for", "Requests", "Last"]}
      rows={groups
        .sort((one, other) => other.count - one.count || (one.last < other.last ? 1 : -1))
        .map(({ code, count, last }) => ({
          cells: [visible(plain(code)), groupedNumber(count), <Time at={last} />],
        }))}
    />
  );
}

/** Refused requests, newest first, each with the doctor's advice, and its acceptance if it verifies now. */
export function Rejections({ rejections, path, mayAct }: Props) {
  return (
    <ul class="refusals">
      {rejections.map((one) => (
        <li>
          <p class="head">
            <strong>{visible(plain(one.code))}</strong> <Time at={one.at} />
          </p>
          {one.advice === null ? (
            one.detail === null ? null : (
              <p>
                <Quoted text={one.detail} />
              </p>
            )
          ) : (
            <p class="advice">
              <Sentence text={one.advice} />
            </p>
          )}
          <p class="by">
            {groupedNumber(one.body_bytes)} bytes{one.kept ? "" : ", not stored"}
            {one.accepted_at === null ? null : (
              <>
                , accepted <Time at={one.accepted_at} />
              </>
            )}
          </p>
          {mayAct && one.verifies_now === true && one.kept && one.accepted_at === null ? (
            <p>
              <a class="button quiet" href={`${path}/rejections/accept?id=${encodeURIComponent(one.id)}`}>
                Accept it
              </a>
            </p>
          ) : null}
        </li>
      ))}
    </ul>
  );
}
