import type { Readiness } from "../ports/lookups.ts";
import { Reason, Said, Time } from "./bits.tsx";

/** What everybody who looks has to know first. Nothing, when all is well. */
export function Notices({ readiness }: { readiness: Readiness }) {
  const { missingMigrations, pausedLines } = readiness;
  if (missingMigrations.length === 0 && pausedLines.length === 0) return null;
  return (
    <section class="notices" aria-label="Notices">
      {pausedLines.map(({ line, reason, since }) => (
        <p>
          <strong>
            The line <Said text={line} /> is paused.
          </strong>{" "}
          <Reason code={reason} /> Its calls wait since <Time at={new Date(since).toISOString()} />.
        </p>
      ))}
      {missingMigrations.length === 0 ? null : (
        <p>
          <strong>Postgres lacks a migration.</strong> Not yet run: <Said text={missingMigrations.join(", ")} />.
        </p>
      )}
    </section>
  );
}
