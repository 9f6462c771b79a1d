import { Quoted, Sentence, Time } from "../parts/bits.tsx";
import { visible } from "../parts/visible.ts";
import type { ReadonlyRejection } from "./api-types.ts";

type Props = { rejections: readonly ReadonlyRejection[]; path: string; mayAct: boolean };

/** Refused requests, newest first, each with the doctor's advice, and its acceptance if it verifies now. */
export function Rejections({ rejections, path, mayAct }: Props) {
  return (
    <ul class="refusals">
      {rejections.map((one) => (
        <li>
          <p class="head">
            <strong>{visible(one.code.replaceAll("_", " "))}</strong> <Time at={one.at} />
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
            {one.body_bytes.toLocaleString("en-US")} bytes{one.kept ? "" : ", not stored"}
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
