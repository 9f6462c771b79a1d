import { readdirSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

// The floors of the house and the few habits that are worth failing a build for. Length is taste, and not asked here.

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const topDirs = ["src", "test", "dev", "bench", "migrations", ".ci"];

/** Every file below a folder of the project, as a path from its root. A folder that is not there has none. */
function filesBelow(dir: string): string[] {
  try {
    return readdirSync(join(root, dir), { withFileTypes: true }).flatMap((entry) => {
      const path = posix.join(dir, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    });
  } catch {
    return [];
  }
}

const text = (path: string): string => readFileSync(join(root, path), "utf8");
const code = topDirs.flatMap(filesBelow).filter((path) => /\.tsx?$/.test(path));
/** What a `.d.ts` says of the runtime is no file of ours. */
const source = code.filter((path) => path.startsWith("src/") && !path.endsWith(".d.ts"));

/** Comments and the contents of strings, blanked: what is left is code. Good enough for our own formatted files. */
function bare(path: string): string {
  return text(path).replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g,
    (found) => found.replace(/[^\n]/g, " "),
  );
}

type Import = { readonly from: string; readonly typeOnly: boolean };

/** What a file imports or exports again: a path from the root for a file of ours, else the package's name. */
function importsOf(path: string): Import[] {
  const found = text(path).matchAll(
    /^(?:import|export)\s(type\s)?(?:[^"';]*?\sfrom\s)?"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/gm,
  );
  return [...found].map(([, type, from = "", dynamic]) => {
    const named = dynamic ?? from;
    const local = named.startsWith(".");
    return { from: local ? posix.join(posix.dirname(path), named) : named, typeOnly: type !== undefined };
  });
}

/** The room of a file: its folder below `src/`, or the file itself at the top. */
const roomOf = (path: string): string => path.split("/")[1] ?? path;

const below = ["domain", "ports", "platform"];
const within: Record<string, readonly string[]> = {
  domain: ["domain"],
  ports: ["ports", "domain"],
  platform: ["platform", "domain"],
  flows: ["flows", "domain", "ports"],
  crm: ["crm", ...below],
  mihu: ["mihu", ...below],
  store: ["store", ...below],
  http: ["http", "flows", ...below],
  pages: ["pages", "flows", ...below],
  objects: ["objects", "flows", ...below],
  "wiring.ts": ["wiring.ts", "config.ts", "objects", "http", "pages", "flows", "crm", "mihu", "store", ...below],
  "config.ts": below,
  "index.ts": ["wiring.ts", "config.ts", "objects", "http", "pages", "flows", ...below],
};

/** Packages that live in some rooms only. What is not named here may be imported anywhere but in `domain/` and `flows/`. */
const homes: readonly [RegExp, readonly string[]][] = [
  [/^(?:hono|@hono\/[\w-]+)(?:\/|$)/, ["http", "pages"]],
  [/^(?:drizzle-orm|postgres)(?:\/|$)/, ["store"]],
  [/^cloudflare:/, ["objects"]],
  [/^(?:@marcbachmann\/cel-js|liquidjs|libphonenumber-js)(?:\/|$)/, ["domain"]],
  [/^node:/, ["platform"]],
];
const pureRooms = ["domain", "flows"];

describe("the floors", () => {
  it("have every file of src in a room", () => {
    expect(source.filter((path) => within[roomOf(path)] === undefined)).toEqual([]);
    expect(source.length).toBeGreaterThan(100);
  });

  it("are crossed downwards only", () => {
    const crossed = source.flatMap((path) =>
      importsOf(path)
        .filter(({ from }) => from.startsWith("src/") && !within[roomOf(path)]?.includes(roomOf(from)))
        .map(({ from }) => `${path} imports ${from}`),
    );
    expect(crossed).toEqual([]);
  });

  it("reach nothing outside of src but the journal of the migrations", () => {
    const outside = source.flatMap((path) =>
      importsOf(path)
        .filter(
          ({ from }) => from.startsWith("../") || topDirs.some((dir) => dir !== "src" && from.startsWith(`${dir}/`)),
        )
        .map(({ from }) => `${path} imports ${from}`),
    );
    expect(outside).toEqual(["src/store/readiness.ts imports migrations/meta/_journal.json"]);
  });

  it("keep each package where it lives", () => {
    const strayed = source.flatMap((path) =>
      importsOf(path)
        .filter(({ from }) => !from.startsWith("src/") && !from.startsWith("migrations/"))
        .filter(({ from }) => {
          const home = homes.find(([name]) => name.test(from))?.[1];
          return home === undefined ? pureRooms.includes(roomOf(path)) : !home.includes(roomOf(path));
        })
        .map(({ from }) => `${path} imports ${from}`),
    );
    expect(strayed).toEqual([]);
  });

  it("have ports of types only", () => {
    for (const path of source.filter((path) => roomOf(path) === "ports")) {
      expect(importsOf(path).filter(({ typeOnly }) => !typeOnly)).toEqual([]);
      expect(bare(path)).not.toMatch(/^(?:export )?(?:const|let|function|class)\b/m);
    }
  });
});

describe("the domain", () => {
  const banned: readonly [string, RegExp][] = [
    ["fetches", /\bfetch\s*\(/],
    [
      "reads the clock",
      /\bDate\.now\b|\bperformance\b|\bnew Date\s*\(\s*\)|\bnew Date\b(?!\s*\()|(?<!new )\bDate\s*\(/,
    ],
    ["takes chance", /\bMath\.random\b|\bcrypto\b/],
    ["reads the environment", /\bprocess\b|\benv\b|\bglobalThis\b/],
    ["waits", /\basync\b|\bawait\b|\bset(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/],
    ["prints", /\bconsole\b/],
    ["has a this", /\bthis\b/],
  ];
  const domain = source.filter((path) => path.startsWith("src/domain/"));

  it.each(banned)("never %s", (_, ban) => {
    expect(domain.filter((path) => ban.test(bare(path)))).toEqual([]);
  });
});

describe("types", () => {
  /**
   * Only what Node would erase to run a file, which is its types: kept code is NUL, so that a pattern meets nothing else.
   * A file with JSX cannot be erased so; there the whole bare code is looked at.
   */
  function typesOf(path: string): string {
    const clean = bare(path);
    if (path.endsWith(".tsx")) return clean;
    const kept = stripTypeScriptTypes(text(path));
    if (kept.length !== clean.length) throw new Error(`${path} cannot be compared with itself without types`);
    return [...Array(clean.length).keys()]
      .map((at) => (clean[at] === kept[at] && !/\s/.test(clean[at] ?? "") ? "\0" : (clean[at] ?? "")))
      .join("");
  }

  it("are never any", () => {
    expect(code.filter((path) => /(?<![\w$.])any(?![\w$])/.test(typesOf(path)))).toEqual([]);
  });

  it("are never asserted to be there", () => {
    const asserted = (path: string): boolean =>
      path.endsWith(".tsx") ? /[\w$)\]]!(?=[.[();,\]}?])/.test(typesOf(path)) : /\0!|\0\s+!(?!\0)/.test(typesOf(path));
    expect(code.filter(asserted)).toEqual([]);
  });
});

describe("documents", () => {
  const documents = readdirSync(root).filter((name) => name.endsWith(".md"));
  const files = [...topDirs.flatMap(filesBelow), ...readdirSync(root)];
  const isThere = (path: string): boolean =>
    files.some((file) => file === path || file.startsWith(`${path.replace(/\/$/, "")}/`) || file.endsWith(`/${path}`));

  /** Paths in code marks: below a folder of ours, or a file's name with an ending that only code and documents have. */
  function pathsIn(document: string): string[] {
    const marked = [...document.matchAll(/`([^`\n]+)`/g)].flatMap(([, words = ""]) => words.split(/[\s,;:()"'=]+/));
    const ours = new RegExp(`^(?:${topDirs.map((dir) => dir.replace(".", "\\.")).join("|")})/[\\w./-]*$`);
    const named = marked.filter((word) => ours.test(word) || /^[\w./-]+\.(?:tsx?|mjs|md|toml|sql)$/.test(word));
    const linked = [...document.matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)].map(([, path = ""]) => path);
    return [...named, ...linked].map((path) => path.replace(/^\.\//, ""));
  }

  it.each(documents)("%s names only files that are there", (name) => {
    expect(pathsIn(text(name)).filter((path) => !isThere(path))).toEqual([]);
  });

  it("are looked at for what they name", () => {
    expect(pathsIn("See `src/domain/plan.ts`, `npm run x -- a.toml`, [this](CHANGELOG.md) and `data.name`.")).toEqual([
      "src/domain/plan.ts",
      "a.toml",
      "CHANGELOG.md",
    ]);
    expect(["src/domain/", "plan.ts", "src/domain/plan.ts"].filter((path) => !isThere(path))).toEqual([]);
    expect(isThere("src/domain/nothing.ts")).toBe(false);
  });
});
