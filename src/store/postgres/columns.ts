/**
 * Column lists that the compiler checks against a table of `schema/` and against a port's row type.
 *
 * Each of these is a type error: a renamed column, a field without a column, a nullable column in a field that is not
 * nullable, and a time, an array or a 64-bit number without its conversion. Tables are imported as types only.
 */
import type { Table } from "drizzle-orm";
import type { Sql } from "./connection.ts";

/** The columns of a table, by their names in Postgres. */
type ColumnsOf<T extends Table> = {
  [Key in keyof T["_"]["columns"] as T["_"]["columns"][Key]["_"]["name"]]: T["_"]["columns"][Key]["_"];
};
type ColumnFacts = { data: unknown; notNull: boolean; columnType: string };

type How = "ms" | "exactly" | "iso" | "json" | "parsed" | "float8" | "text" | "hex" | "isSet";
type Read<Name, As extends How> = { readonly column: Name; readonly as: As };

/** The conversions that a column's type needs or may have, because postgres.js would read the column differently. */
type Conversions<Data> = {
  PgTimestamp: { ms: number; exactly: string; iso: string };
  PgArray: { json: Data };
  PgBigInt53: { float8: number };
  PgJsonb: { text: string };
  PgUUID: { text: string };
  PgText: { parsed: unknown };
  PgCustomColumn: { text: string; hex: string };
};

type IsField<Data, NotNull, Field> = [Field] extends [(unknown extends Data ? unknown : Readonly<Data>) | null]
  ? NotNull extends true
    ? true
    : null extends Field
      ? true
      : false
  : false;

/** A column's name if a field of a row may hold the column's value without a conversion. */
type AsItIs<Name, C extends ColumnFacts, Field> =
  C["columnType"] extends Exclude<keyof Conversions<unknown>, "PgJsonb" | "PgUUID" | "PgText">
    ? never
    : IsField<C["data"], C["notNull"], Field> extends true
      ? Name
      : never;

/** A column's name with a conversion that gives the field. */
type Converted<Name, C extends ColumnFacts, Field> = C["columnType"] extends keyof Conversions<unknown>
  ? {
      [As in keyof Conversions<C["data"]>[C["columnType"]] & How]: IsField<
        Conversions<C["data"]>[C["columnType"]][As],
        C["notNull"],
        Field
      > extends true
        ? Read<Name, As>
        : never;
    }[keyof Conversions<C["data"]>[C["columnType"]] & How]
  : never;

/** A column's name if a field says whether the column, which may be null, is set. */
type Presence<Name, C extends ColumnFacts, Field> = C["notNull"] extends true
  ? never
  : [Field, boolean] extends [boolean, Field]
    ? Read<Name, "isSet">
    : never;

/** The ways to read a column that may be null, in rows where it is set. */
type WhereSet<Name, C extends ColumnFacts, Field> = C["notNull"] extends true
  ? never
  :
      | AsItIs<Name, Omit<C, "notNull"> & { notNull: true }, Field>
      | Converted<Name, Omit<C, "notNull"> & { notNull: true }, Field>;

/** {@link WhereSet} of each column of a table. */
type Nullables<Columns, Field> = {
  [Name in keyof Columns]: Columns[Name] extends ColumnFacts ? WhereSet<Name, Columns[Name], Field> : never;
}[keyof Columns];

/** A column that may be null in the table and is set in the rows of a statement. */
type Present<R> = { readonly present: R };

/** Every way to read one field of a row from one column. */
type OneColumn<Columns, Field> =
  | Present<Nullables<Columns, Field>>
  | {
      [Name in keyof Columns]: Columns[Name] extends ColumnFacts
        ?
            | AsItIs<Name, Columns[Name], Field>
            | Converted<Name, Columns[Name], Field>
            | Presence<Name, Columns[Name], Field>
        : never;
    }[keyof Columns];

/** A column that may be null, and the column that is read in its place. */
type Coalesced<R, Otherwise> = { readonly first: R; readonly otherwise: Otherwise };

/** A column with a list that is empty where the column is null. */
type OrEmpty<R> = { readonly orEmpty: R };

/** Every way to read one field of a row from a table. */
type Reads<Columns, Field> =
  | OneColumn<Columns, Field>
  | Coalesced<Nullables<Columns, NonNullable<Field>>, OneColumn<Columns, Field>>
  | ([Field] extends [readonly unknown[]] ? OrEmpty<Nullables<Columns, Field>> : never);

type Plain = string | Read<string, How>;
type One = Plain | Present<Plain>;
type Given = One | Coalesced<Plain, One> | OrEmpty<Plain>;

type ColumnRead = { readonly column: string; readonly as: How | null };

/** A checked list: each field of a row with the column that it is read from. */
type ColumnList = readonly (ColumnRead & {
  readonly field: string;
  /** Value if the column is null; null keeps null. */
  readonly otherwise: ColumnRead | "empty" | null;
})[];

/** A moment as epoch milliseconds. */
export const ms = <Name extends string>(column: Name): Read<Name, "ms"> => ({ column, as: "ms" });
/** A moment as text in UTC, to the microsecond. */
export const exact = <Name extends string>(column: Name): Read<Name, "exactly"> => ({ column, as: "exactly" });
/** A moment as ISO 8601, in the time zone of the session. */
export const isoText = <Name extends string>(column: Name): Read<Name, "iso"> => ({ column, as: "iso" });
/** An array. Its type is not fetched, so it travels as JSON. */
export const array = <Name extends string>(column: Name): Read<Name, "json"> => ({ column, as: "json" });
/** A JSON text, parsed. */
export const parsed = <Name extends string>(column: Name): Read<Name, "parsed"> => ({ column, as: "parsed" });
/** A 64-bit number, which postgres.js would read as text. Exact up to 2^53. */
export const number = <Name extends string>(column: Name): Read<Name, "float8"> => ({ column, as: "float8" });
/** A column in the text form that Postgres gives it. */
export const text = <Name extends string>(column: Name): Read<Name, "text"> => ({ column, as: "text" });
/** Whether a column that may be null is set. */
export const isSet = <Name extends string>(column: Name): Read<Name, "isSet"> => ({ column, as: "isSet" });
/** A nullable column that is set in all rows of the statement. A comment at each use says why. */
export const present = <R extends Plain>(read: R): Present<R> => ({ present: read });
/** A column that may be null, and the column that is read in its place. */
export const coalesce = <R extends Plain, Otherwise extends One>(
  first: R,
  otherwise: Otherwise,
): Coalesced<R, Otherwise> => ({ first, otherwise });
/** A list that is empty where the column is null. */
export const orEmpty = <R extends Plain>(read: R): OrEmpty<R> => ({ orEmpty: read });
/** Bytes in hex. */
export const hex = <Name extends string>(column: Name): Read<Name, "hex"> => ({ column, as: "hex" });

/**
 * Builds a checked list of columns.
 *
 * @template T the table's type: `typeof calls`, imported as a type
 * @template Row the row of a port, or those of its fields that are columns
 */
export function columns<T extends Table, Row>(
  fields: {
    readonly [Field in keyof Row]-?: Reads<ColumnsOf<T>, Exclude<Row[Field], undefined>>;
  },
): ColumnList {
  const given: [string, Given][] = Object.entries(fields);
  return given.map(([field, read]) => {
    if (typeof read === "object" && "orEmpty" in read) return { field, ...readOf(read.orEmpty), otherwise: "empty" };
    if (typeof read === "object" && "first" in read)
      return { field, ...readOf(read.first), otherwise: readOf(read.otherwise) };
    return { field, ...readOf(read), otherwise: null };
  });
}

function readOf(given: One): ColumnRead {
  if (typeof given === "string") return { column: given, as: null };
  return "present" in given ? readOf(given.present) : given;
}

/** Names of columns for an `insert`, checked against the table. */
export function columnNames<T extends Table>(...names: readonly (keyof ColumnsOf<T> & string)[]): string {
  return names.join(", ");
}

/** The format of a moment to the microsecond, as an SQL literal. */
export const microseconds = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`;

/** The SQL expression of a field, without its name. */
function expression(table: string, { column, as, otherwise }: ColumnList[number]): string {
  const value = `${table}.${column}`;
  if (otherwise === null) return converted(value, as);
  if (otherwise !== "empty")
    return `coalesce(${converted(value, as)}, ${converted(`${table}.${otherwise.column}`, otherwise.as)})`;
  return as === null ? `coalesce(${value}, '[]')` : converted(`coalesce(${value}, '{}')`, as);
}

function converted(value: string, as: How | null): string {
  switch (as) {
    case null:
      return value;
    case "ms":
      return `(extract(epoch from ${value}) * 1000)::float8`;
    case "exactly":
      return `to_char(${value} at time zone 'UTC', ${microseconds})`;
    case "iso":
      return `to_json(${value})#>>'{}'`;
    case "json":
      return `to_json(${value})`;
    case "parsed":
      return `${value}::json`;
    case "isSet":
      return `${value} is not null`;
    case "hex":
      return `encode(${value}, 'hex')`;
    default:
      return `${value}::${as}`;
  }
}

/**
 * The text of a `select` list whose rows have the list's fields.
 *
 * @param table the table's name or alias in the statement
 */
export function selectText(list: ColumnList, table: string): string {
  return list
    .map((read) => {
      const value = expression(table, read);
      return value === `${table}.${read.field}` ? value : `${value} as "${read.field}"`;
    })
    .join(", ");
}

/** The text of {@link jsonFields}. */
export const jsonText = (list: ColumnList, table: string): string =>
  list.map((read) => `'${read.field}', ${expression(table, read)}`).join(", ");

/** The expression of a list's one field, without its name, for a condition around it. @param table as in {@link select} */
export const value = (sql: Pick<Sql, "unsafe">, list: ColumnList, table: string) =>
  sql.unsafe(list.map((read) => expression(table, read)).join(", "));

/** A `select` list whose rows have the list's fields. @param table the table's name or alias in the statement */
export const select = (sql: Pick<Sql, "unsafe">, list: ColumnList, table: string) =>
  sql.unsafe(selectText(list, table));

/** Arguments of a `json_build_object` with the list's fields. @param table the table's name or alias in the statement */
export const jsonFields = (sql: Pick<Sql, "unsafe">, list: ColumnList, table: string) =>
  sql.unsafe(jsonText(list, table));
