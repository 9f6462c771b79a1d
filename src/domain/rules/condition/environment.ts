/**
 * The two CEL environments: one that people's conditions are checked against, one in which they run.
 *
 * JSON knows one kind of number and CEL three. A payload's numbers are doubles here, whole or not, and arithmetic between them and
 * CEL's whole numbers is added, so that `data.count + 1`, `data.count > 3`, `data.id == 5` and `data.total > 100.0` mean what they
 * say whether the sender wrote `5` or `5.0`. What is `double` with anything gives `double`: `data.count / 2` of 5 is 2.5.
 */
import { Environment } from "@marcbachmann/cel-js";
import { meterNames } from "./meter.ts";

/** Nodes of one condition. A list of a hundred order tags fits. */
const conditionNodesMax = 400;

/** Brackets, calls and fields within each other in one condition. */
const conditionDepthMax = 40;

/** Elements of one list, and entries of one map, that a condition writes down. */
const conditionListElementsMax = 200;
const conditionMapEntriesMax = 50;

/** Nodes and depth of a metered condition, which has a bracket of the meter around each part of the written one. */
const meteredNodesMax = 10_000;
const meteredDepthMax = 4_000;

function withNumbers(environment: Environment): Environment {
  const mixed = [
    ["double", "int"],
    ["int", "double"],
  ] as const;
  for (const [left, right] of mixed) {
    environment
      .registerOperator(`${left} + ${right}: double`, (a: number | bigint, b: number | bigint) => Number(a) + Number(b))
      .registerOperator(`${left} - ${right}: double`, (a: number | bigint, b: number | bigint) => Number(a) - Number(b))
      .registerOperator(`${left} * ${right}: double`, (a: number | bigint, b: number | bigint) => Number(a) * Number(b))
      .registerOperator(`${left} / ${right}: double`, (a: number | bigint, b: number | bigint) => Number(a) / Number(b))
      .registerOperator(
        `${left} % ${right}: double`,
        (a: number | bigint, b: number | bigint) => Number(a) % Number(b),
      );
  }
  // Also gives its mirror and `!=`.
  environment.registerOperator("int == double: bool", (a: bigint, b: number) => Number(a) === b);
  return environment.registerOperator("double % double: double", (a: number, b: number) => a % b);
}

/** Types what can be typed: the event's own fields. Payloads are `dyn`. */
export const checkingEnvironment: Environment = withNumbers(
  new Environment({
    homogeneousAggregateLiterals: false,
    limits: {
      maxAstNodes: conditionNodesMax,
      maxDepth: conditionDepthMax,
      maxListElements: conditionListElementsMax,
      maxMapEntries: conditionMapEntriesMax,
    },
  }),
)
  .registerType("Event", { fields: { id: "string", type: "string", occurred_at: "dyn", source: "string" } })
  .registerVariable("event", "Event")
  .registerVariable("data", "dyn")
  .registerVariable("record", "dyn");

/** Runs what {@link meteredSource} wrote; the meter's brackets nest, so its depth is not people's depth. */
export const runningEnvironment: Environment = ["event", "data", "record", ...meterNames].reduce(
  (environment, name) => environment.registerVariable(name, "dyn"),
  withNumbers(
    new Environment({
      homogeneousAggregateLiterals: false,
      limits: { maxAstNodes: meteredNodesMax, maxDepth: meteredDepthMax },
    }),
  ),
);
