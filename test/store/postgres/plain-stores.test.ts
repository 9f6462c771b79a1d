import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { keptClient, withDeadline } from "../../../src/store/postgres/kept-client.ts";

const root = new URL("../../../src/store/", import.meta.url).pathname;

type Factory = { readonly file: string; readonly name: string };

/** Every exported function of the stores whose declared result is a type of `ports/`. */
const factories: Factory[] = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .flatMap((file) => {
    const source = readFileSync(join(root, file), "utf8");
    const imports = source.matchAll(/^import type \{([^}]*)\} from "[./]*\/ports\//gm);
    const ports = new Set([...imports].flatMap(([, names = ""]) => names.split(",").map((name) => name.trim())));
    const declared = source.matchAll(/^export function (\w+)\((?:[^()]|\([^()]*\))*\): (\w+)(?: & \w+)* \{$/gm);
    return [...declared].filter(([, , type = ""]) => ports.has(type)).map(([, name = ""]) => ({ file, name }));
  });

/** A client on which no statement may run: a store is made without one. */
const client = Object.assign(
  () => {
    throw new Error("a factory ran a statement");
  },
  { sql: () => client, within: () => client(), drop: () => {} },
);

async function made({ file, name }: Factory): Promise<object> {
  const module: Record<string, unknown> = await import(join(root, file));
  const factory = module[name];
  if (typeof factory !== "function") throw new Error(`${file} exports no function ${name}`);
  const store: unknown = factory(client, 1_000);
  if (typeof store !== "object" || store === null) throw new Error(`${name} makes no object`);
  return store;
}

/** What would escape a walk over an object's own enumerable properties, and properties that are no methods. */
function strays(store: object): string[] {
  const inherited = Object.getPrototypeOf(store) === Object.prototype ? [] : ["its prototype"];
  const own = Reflect.ownKeys(store).filter((key) => {
    const property = Object.getOwnPropertyDescriptor(store, key);
    return typeof key !== "string" || property?.enumerable !== true || typeof property.value !== "function";
  });
  return [...inherited, ...own.map(String)];
}

describe("withDeadline bounds every method of a store, because the store is a plain object of methods", () => {
  it("which is asked of all of them", () => {
    expect(factories.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["chainStore", "configStore", "eventStore", "lookupStore", "sweepStore", "tokenStore"]),
    );
    expect(factories.length).toBeGreaterThan(15);
  });

  it.each(factories)("$name", async (factory) => {
    const store = await made(factory);
    expect(strays(store)).toEqual([]);
    expect(Object.keys(store).length).toBeGreaterThan(0);
    const bounded: object = withDeadline(
      keptClient("postgres://nowhere", () => {}),
      1_000,
      store,
    );
    expect(Reflect.ownKeys(bounded)).toEqual(Reflect.ownKeys(store));
    for (const [name, method] of Object.entries(store)) expect(Reflect.get(bounded, name), name).not.toBe(method);
  });
});
