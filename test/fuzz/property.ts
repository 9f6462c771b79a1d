import type { IAsyncProperty, IProperty } from "fast-check";

/** One thing that must hold for every input. */
export type Property = {
  /** The guarantee, as a whole sentence. */
  readonly name: string;
  /** Its part of the runs, against the others'. */
  readonly weight: number;
  /** Makes a fresh fast-check property. */
  readonly make: () => IProperty<unknown> | IAsyncProperty<unknown>;
};

/** A property's own way to say no: whatever is thrown fails it, and the text tells what broke. */
export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** Nothing that was read may show in objects that it has nothing to do with. */
export function mustNotPollute(): void {
  for (const fresh of [{}, [], () => 0]) {
    for (const name in fresh) throw new Error(`every object has got a property ${JSON.stringify(name)}`);
  }
  must(
    Object.getPrototypeOf({}) === Object.prototype && Reflect.get({}, "polluted") === undefined,
    "a prototype was changed",
  );
}

/** Refuses what Postgres refuses: NUL, and half a character in jsonb. */
export function mustBeStorable(value: unknown): void {
  if (typeof value === "string")
    must(!value.includes("\0") && value.isWellFormed(), "NUL or half a character in what is stored");
  else if (Array.isArray(value)) for (const inner of value) mustBeStorable(inner);
  else if (value !== null && typeof value === "object") {
    for (const [name, inner] of Object.entries(value)) {
      mustBeStorable(name);
      mustBeStorable(inner);
    }
  }
}
