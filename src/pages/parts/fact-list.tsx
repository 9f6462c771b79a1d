import type { Child } from "hono/jsx";

/** A fact with its name. One whose value is null is not shown. */
export type Fact = readonly [name: string, value: Child];

export function FactList({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl>
      {facts.flatMap(([name, value]) =>
        value === null
          ? []
          : [
              <div>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>,
            ],
      )}
    </dl>
  );
}
