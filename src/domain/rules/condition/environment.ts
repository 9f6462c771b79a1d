/**
 * CEL environments. Each kind of condition has two: one checks conditions as written, the other runs them.
 *
 * JSON has one numeric type and CEL has three. A payload's numbers are doubles here, whole or not, and operators
 * between doubles and CEL's integers are added. So `data.count + 1`, `data.count > 3`, `data.id == 5` and `data.total >
 * 100.0` work whether the sender wrote `5` or `5.0`. Any operation with a double gives a double: `data.count / 2` of 5
 * is 2.5.
 */
import { Environment, EvaluationError } from "@marcbachmann/cel-js";
import { lazily } from "../../lazily.ts";
import { readAmount, readPlainNumber } from "../../written-amount.ts";
import { instantOf, readTime } from "../../written-time.ts";
import { firstPlace, lastPlace } from "../search.ts";
import { roots } from "./field-read.ts";
import { meterNames, splitCounted } from "./meter.ts";
import type { Readable } from "./metering.ts";

/** Nodes of one condition. A list of a hundred order tags fits. */
const conditionNodesMax = 400;

/** Nesting of brackets, calls and fields in one condition. */
const conditionDepthMax = 40;

/** Elements of a list literal, and entries of a map literal. */
const conditionListElementsMax = 200;
const conditionMapEntriesMax = 50;

/** Nodes and nesting of a metered condition, which wraps each part of the written one. */
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
  // Also defines the operator with swapped operands, and `!=`.
  environment.registerOperator("int == double: bool", (a: bigint, b: number) => Number(a) === b);
  return environment.registerOperator("double % double: double", (a: number, b: number) => a % b);
}

/** `number(data.total)` reads an amount; `number(data.total, ",")` one with a known decimal separator. */
function withAmounts(environment: Environment): Environment {
  return environment
    .registerFunction("number(double): double", (value: number) => value)
    .registerFunction("number(int): double", (value: bigint) => Number(value))
    .registerFunction("number(string): double", (text: string) => amountOf(text, null))
    .registerFunction("number(string, string): double", (text: string, sign: string) => {
      if (sign === "." || sign === ",") return amountOf(text, sign);
      throw new EvaluationError({ code: "no_decimal_sign", message: 'a decimal sign is "." or ","' });
    });
}

type Pieces = ReadonlyMap<unknown, unknown>;

/** `split` at run time: its last argument charges the pieces. */
function withSplit(environment: Environment): Environment {
  return environment
    .registerFunction("string.split__(string, dyn): list<string>", (text: string, separator: string, pieces: Pieces) =>
      splitCounted(text, separator, null, pieces),
    )
    .registerFunction(
      "string.split__(string, int, dyn): list<string>",
      (text: string, separator: string, limit: bigint, pieces: Pieces) => splitCounted(text, separator, limit, pieces),
    );
}

/** Search functions, in linear time. */
function withSearches(environment: Environment): Environment {
  return environment
    .registerFunction("string.contains__(string): bool", (text: string, part: string) => firstPlace(text, part) >= 0)
    .registerFunction("string.indexOf__(string): int", (text: string, part: string) => BigInt(firstPlace(text, part)))
    .registerFunction("string.indexOf__(string, int): int", (text: string, part: string, from: bigint) =>
      part === "" ? from : BigInt(firstPlace(text, part, offsetIn(text, from))),
    )
    .registerFunction("string.lastIndexOf__(string): int", (text: string, part: string) =>
      BigInt(lastPlace(text, part)),
    )
    .registerFunction("string.lastIndexOf__(string, int): int", (text: string, part: string, from: bigint) =>
      part === "" ? from : BigInt(lastPlace(text, part, offsetIn(text, from))),
    );
}

function offsetIn(text: string, from: bigint): number {
  if (from >= 0n && from < BigInt(text.length)) return Number(from);
  throw new EvaluationError({ code: "index_out_of_range", message: "the offset is outside of the text" });
}

/** `size`: the library's own would allocate a text for each character. */
function withSizes(environment: Environment): Environment {
  const ofText = (text: string) => BigInt(codePoints(text));
  const ofList = (list: readonly unknown[]) => BigInt(list.length);
  const ofMap = (map: object) => BigInt(Object.keys(map).length);
  return environment
    .registerFunction("size__(string): int", ofText)
    .registerFunction("size__(list): int", ofList)
    .registerFunction("size__(map): int", ofMap)
    .registerFunction("string.size__(): int", ofText)
    .registerFunction("list.size__(): int", ofList)
    .registerFunction("map.size__(): int", ofMap);
}

/** @returns The number of code points. A lone surrogate counts as one. */
function codePoints(text: string): number {
  let count = text.length;
  for (let at = 1; at < text.length; at += 1) {
    if ((text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800) count -= 1;
  }
  return count;
}

/**
 * `double` and `timestamp` at run time: they also read amounts and times as senders write them. The text of a plain
 * number keeps CEL's meaning: `double("1.299")` is 1.299, while `number("1.299")` rejects it as ambiguous.
 */
function withSenders(environment: Environment): Environment {
  return environment
    .registerFunction("double__(double): double", (value: number) => value)
    .registerFunction("double__(int): double", (value: bigint) => Number(value))
    .registerFunction("double__(string): double", (text: string) => {
      const plain = readPlainNumber(text);
      return Number.isNaN(plain) ? amountOf(text, null) : plain;
    })
    .registerFunction("timestamp__(google.protobuf.Timestamp): google.protobuf.Timestamp", (time: Date) => time)
    .registerFunction("timestamp__(string): google.protobuf.Timestamp", timeOf)
    .registerFunction("timestamp__(double): google.protobuf.Timestamp", timeOf)
    .registerFunction("timestamp__(int): google.protobuf.Timestamp", (value: bigint) => timeOf(Number(value)));
}

function amountOf(text: string, decimal: "." | "," | null): number {
  const made = readAmount(text, decimal);
  if (made.ok) return made.value;
  const message =
    made.reason === "two_readings"
      ? 'can be read in two ways; name its decimal sign: number(…, ".") or number(…, ",")'
      : "is not a number";
  throw new EvaluationError({ code: made.reason, message });
}

function timeOf(value: string | number): Date {
  const time = readTime(value);
  if (time === null) throw new EvaluationError({ code: "not_a_time", message: "is not a time" });
  return new Date(instantOf(time));
}

/** An environment that checks conditions, without the names that they read. */
function checking(): Environment {
  return (
    withAmounts(
      withNumbers(
        new Environment({
          homogeneousAggregateLiterals: false,
          limits: {
            maxAstNodes: conditionNodesMax,
            maxDepth: conditionDepthMax,
            maxListElements: conditionListElementsMax,
            maxMapEntries: conditionMapEntriesMax,
          },
        }),
      ),
    )
      // Declared for its type. At run time the meter provides it.
      .registerFunction("parseJson(dyn): dyn", (value: unknown) => value)
  );
}

/** Runs the output of {@link meteredSource}. The meter's wrappers nest, so its depth limit is larger. */
function running(names: Iterable<string>): Environment {
  return [...names, ...meterNames].reduce(
    (environment, name) => environment.registerVariable(name, "dyn"),
    [withNumbers, withAmounts, withSenders, withSplit, withSearches, withSizes].reduce(
      (environment, withSome) => withSome(environment),
      new Environment({
        homogeneousAggregateLiterals: false,
        limits: { maxAstNodes: meteredNodesMax, maxDepth: meteredDepthMax },
      }),
    ),
  );
}

/** Types of the event's own fields. Payloads are `dyn`. */
export const checkingEnvironment: () => Environment = lazily(() =>
  checking()
    .registerType("Event", { fields: { id: "string", type: "string", occurred_at: "dyn", source: "string" } })
    .registerVariable("event", "Event")
    .registerVariable("data", "dyn")
    .registerVariable("record", "dyn"),
);

/** The names that conditions of one kind read, with the environments that check and run them. */
export type ConditionLanguage = Readable & {
  readonly checking: () => Environment;
  readonly running: () => Environment;
};

/** Conditions of rules, over an event. */
export const eventLanguage: ConditionLanguage = {
  roots,
  named: "event, data and record",
  checking: checkingEnvironment,
  running: lazily(() => running(roots)),
};

/** The name under which the library knows `type` in {@link hookLanguage}: the library's own `type` cannot be replaced. */
export const typeStandIn = "typ_";
const hookRoots: ReadonlySet<string> = new Set([typeStandIn, "timestamp", "data"]);

/** Conditions of hooks, over the body that a hook receives. */
export const hookLanguage: ConditionLanguage = {
  roots: hookRoots,
  named: "type, timestamp and data",
  checking: lazily(() =>
    checking()
      .registerVariable(typeStandIn, "string")
      .registerVariable("timestamp", "string")
      .registerVariable("data", "dyn"),
  ),
  running: lazily(() => running(hookRoots)),
};
