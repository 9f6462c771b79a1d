/**
 * Lists of columns that the compiler checks against a table of `schema/` and against the row that a port promises.
 *
 * Each of these is a type error: a column that was renamed, a field of the row that no column is read for, a column that may be null in
 * a row where it may not, and a moment, an array or a 64-bit number that is read as it is. Tables are imported as types only.
 */
import type { Table } from "drizzle-orm";
import type { Sql } from "./connection.ts";

/** The columns of a table, by their names in Postgres. */
type ColumnsOf<T extends Table> = {
  [Key in keyof T["_"]["columns"] as T["_"]["columns"][Key]["_"]["name"]]: T["_"]["columns"][Key]["_"];
};
type ColumnFacts = { data: unknown; notNull: boolean; columnType: string };

type How = "ms" | "exactly" | "json" | "float8" | "text" | "hex" | "isSet";
type Read<Name, As extends How> = { readonly column: Name; readonly as: As };

/** The conversions that a type of column needs or may have: postgres.js would read the column in another way. */
type Conversions<Data> = {
  PgTimestamp: { ms: number; exactly: string };
  PgArray: { json: Data };
  PgBigInt53: { float8: number };
  PgJsonb: { text: string };
  PgCustomColumn: { text: string; hex: string };
};

type IsField<Data, NotNull, Field> = [Field] extends [(unknown extends Data ? unknown : Readonly<Data>) | null]
  ? NotNull extends true
    ? true
    : null extends Field
      ? true
      : false
  : false;

/** A column's name if a field of a row may be read as the column is, without a conversion. */
type AsItIs<Name, C extends ColumnFacts, Field> =
  C["columnType"] extends Exclude<keyof Conversions<unknown>, "PgJsonb">
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

/** A column that may be null in the table and is set in the rows of a statement. */
type Present<R> = { readonly present: R };
type AsPresent<Name, C extends ColumnFacts, Field> = C["notNull"] extends true
  ? never
  : Present<
      | AsItIs<Name, Omit<C, "notNull"> & { notNull: true }, Field>
      | Converted<Name, Omit<C, "notNull"> & { notNull: true }, Field>
    >;

/** Every way to read one field of a row from a table. */
type Reads<Columns, Field> = {
  [Name in keyof Columns]: Columns[Name] extends ColumnFacts
    ?
        | AsItIs<Name, Columns[Name], Field>
        | Converted<Name, Columns[Name], Field>
        | Presence<Name, Columns[Name], Field>
        | AsPresent<Name, Columns[Name], Field>
    : never;
}[keyof Columns];

/** A checked list: each field of a row with the column that it is read from. */
export type ColumnList = readonly { readonly field: string; readonly column: string; readonly as: How | null }[];

/** A moment as epoch milliseconds. */
export const ms = <Name extends string>(column: Name): Read<Name, "ms"> => ({ column, as: "ms" });
/** A moment as text in UTC, to the microsecond. */
export const exact = <Name extends string>(column: Name): Read<Name, "exactly"> => ({ column, as: "exactly" });
/** An array. Its type is not fetched, so it travels as JSON. */
export const array = <Name extends string>(column: Name): Read<Name, "json"> => ({ column, as: "json" });
/** A 64-bit number, which postgres.js would read as text. Exact up to 2^53. */
export const number = <Name extends string>(column: Name): Read<Name, "float8"> => ({ column, as: "float8" });
/** A column in the text form that Postgres gives it. */
export const text = <Name extends string>(column: Name): Read<Name, "text"> => ({ column, as: "text" });
/** Whether a column that may be null is set. */
export const isSet = <Name extends string>(column: Name): Read<Name, "isSet"> => ({ column, as: "isSet" });
/** A column that may be null in the table and is set in the rows of the statement: say why beside it. */
export const present = <R extends string | Read<string, How>>(read: R): Present<R> => ({ present: read });
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
  const given: [string, string | Read<string, How> | Present<string | Read<string, How>>][] = Object.entries(fields);
  return given.map(([field, read]) => {
    const of = typeof read === "object" && "present" in read ? read.present : read;
    return typeof of === "string" ? { field, column: of, as: null } : { field, column: of.column, as: of.as };
  });
}

/** Names of columns for an `insert`, checked against the table. */
export function columnNames<T extends Table>(...names: readonly (keyof ColumnsOf<T> & string)[]): string {
  return names.join(", ");
}

/** The format of a moment to the microsecond, as an SQL literal. */
export const microseconds = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`;

function expression(table: string, { column, as }: ColumnList[number]): string {
  const value = `${table}.${column}`;
  switch (as) {
    case null:
      return value;
    case "ms":
      return `(extract(epoch from ${value}) * 1000)::float8`;
    case "exactly":
      return `to_char(${value} at time zone 'UTC', ${microseconds})`;
    case "json":
      return `to_json(${value})`;
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
    .map((read) => (read.as === null && read.field === read.column ? expression(table, read) : aliased(table, read)))
    .join(", ");
}

const aliased = (table: string, read: ColumnList[number]): string => `${expression(table, read)} as "${read.field}"`;

/** A `select` list whose rows have the list's fields. @param table the table's name or alias in the statement */
export const select = (sql: Pick<Sql, "unsafe">, list: ColumnList, table: string) =>
  sql.unsafe(selectText(list, table));

/** Arguments of a `json_build_object` with the list's fields. @param table the table's name or alias in the statement */
export const jsonFields = (sql: Pick<Sql, "unsafe">, list: ColumnList, table: string) =>
  sql.unsafe(list.map((read) => `'${read.field}', ${expression(table, read)}`).join(", "));
