import type { newestView } from "../../views/calls/newest.ts";
import { Quoted, Sentence } from "../parts/bits.tsx";
import { TextDiff } from "../parts/text-diff.tsx";
import { plain } from "../parts/words.ts";

/** The differences between a held call and the same call by today's rule. */
export function NewestDifferences({ newest }: { newest: ReturnType<typeof newestView> }) {
  const { would, reason_text, differences, warnings, rule_version, newest_version } = newest;
  return (
    <div class="differences">
      {warnings.map(({ sentence }) => (
        <p class="note">
          <Quoted text={sentence} />
        </p>
      ))}
      {would === "ring" ? null : (
        <p class="note">
          By today's rule it would stay held: <Sentence text={reason_text ?? "the reason is not known."} />
        </p>
      )}
      {differences.length === 0 ? null : (
        <section aria-labelledby="differences">
          <h2 id="differences">
            Version {rule_version} beside version {newest_version ?? "of today"}
          </h2>
          <dl class="fields-diff">
            {differences.map(({ field, from, to }) => (
              <div>
                <dt>{plain(field)}</dt>
                <dd>
                  <TextDiff from={textOf(from)} to={textOf(to)} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </div>
  );
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "none";
  return typeof value === "string" ? value : String(value);
}
