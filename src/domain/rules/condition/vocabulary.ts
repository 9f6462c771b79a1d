/** All that a condition may call. Whatever is not named here is refused, see metering.ts. */

/** Functions that a condition may call; for documents, too. */
export const conditionFunctions: readonly string[] = [
  "has",
  "size",
  "int",
  "double",
  "number",
  "string",
  "bool",
  "dyn",
  "type",
  "timestamp",
  "duration",
  "parseJson",
];

/** Methods that a condition may call on a value. */
export const conditionMethods: readonly string[] = [
  "size",
  "startsWith",
  "endsWith",
  "contains",
  "indexOf",
  "lastIndexOf",
  "split",
  "substring",
  "lowerAscii",
  "upperAscii",
  "trim",
  "getFullYear",
  "getMonth",
  "getDate",
  "getDayOfWeek",
  "getHours",
  "getMinutes",
  "getSeconds",
  "getMilliseconds",
];

/** Operators, by the names that the library's tree gives them. A list and a map are those that a condition writes down. */
export const conditionOperators: readonly string[] = [
  ".",
  "[]",
  "list",
  "map",
  "?:",
  "||",
  "&&",
  "!_",
  "-_",
  "==",
  "!=",
  "in",
  "+",
  "-",
  "*",
  "/",
  "%",
  "<",
  "<=",
  ">",
  ">=",
];

/** Macros: what visits every element of a list. */
export const conditionMacros: readonly string[] = ["all", "exists", "exists_one", "map", "filter"];
