/** Everything that a condition may call. metering.ts rejects all other names. */

/** Functions that a condition may call. Documents list them too. */
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

/** Operators, by their names in the library's tree. List and map are literals. */
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

/** Macros, which visit the elements of a list. */
export const conditionMacros: readonly string[] = ["all", "exists", "exists_one", "map", "filter"];
