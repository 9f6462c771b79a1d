// `npm run bench -- --work`: the CPU time per unit of weight, for each function, operator, macro, filter and tag of
// rules at its worst known inputs. Budgets are reliable only as far as these figures are alike.
import { conditionWork } from "./conditions.ts";
import { conditionRun, type Ran, textRun } from "./run.ts";
import { filterWork, nodeWork, operatorWork } from "./texts.ts";

/** Highest time per unit of weight, in microseconds. Above it, a budget of 100,000 would be more than a second. */
const unitMicrosecondsMax = 10;

/** CPU time of one figure: enough for the clock of the process, whose reading is rounded. */
const measuredMicroseconds = 60_000;

type Figure = Ran & { readonly kind: string; readonly name: string; readonly source: string; readonly us: number };

/** Measures everything in this process, and prints a table, most expensive units first. */
export function measureWork(): void {
  const figures: Figure[] = [];
  for (const [kind, works] of Object.entries(conditionWork))
    for (const { name, source } of works) figures.push({ kind, name, source, ...measured(conditionRun(source)) });
  for (const [kind, table] of Object.entries({ filters: filterWork, operators: operatorWork, nodes: nodeWork }))
    for (const [name, uses] of Object.entries(table))
      for (const { source } of uses) figures.push({ kind: `text ${kind}`, name, source, ...measured(textRun(source)) });
  figures.sort((one, other) => other.us / other.weight - one.us / one.weight);
  for (const { kind, name, source, us, weight, isRefused } of figures) {
    const unit = us / weight;
    const remarks = `${isRefused ? " (ended by its budget)" : ""}${unit > unitMicrosecondsMax ? " TOO CHEAP" : ""}`;
    console.log(
      `${unit.toFixed(2).padStart(6)} µs/unit ${us.toFixed(0).padStart(8)} µs ${String(weight).padStart(8)}  ${kind} ${name}${remarks}: ${source.slice(0, 90)}`,
    );
  }
}

function measured(run: () => Ran): Ran & { readonly us: number } {
  const ran = run();
  let times = 0;
  let us = 0;
  const before = process.cpuUsage();
  do {
    run();
    times += 1;
    const { user, system } = process.cpuUsage(before);
    us = user + system;
  } while (us < measuredMicroseconds);
  return { ...ran, us: us / times };
}
