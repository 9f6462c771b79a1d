import { readdirSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { insertsEntries } from "../src/store/postgres/notifying-client.ts";
import { type Import, readModules } from "./modules.ts";

// The layers of the house, its measures, and the few habits that are worth failing a build for. A failure prints what broke
// the rule: a file and its import, a file and its length, a name and its two homes.

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const topDirs = ["src", "cli", "test", "dev", "bench", "docs", "migrations", ".ci"];

/** Every file below a folder of the project, as a path from its root. A missing folder has none. */
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
/** Files of the product. A `.d.ts` only declares types of the runtime, so it belongs to no layer. */
const source = code.filter((path) => path.startsWith("src/") && !path.endsWith(".d.ts"));

/** The code of a file: comments and strings are blanked. Good enough for our own formatted files. */
function bare(path: string): string {
  return text(path).replace(
    /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g,
    (found) => found.replace(/[^\n]/g, " "),
  );
}

const modules = readModules();

/** Imports and re-exports of a file. */
function importsOf(path: string): readonly Import[] {
  const module = modules.get(path);
  if (module === undefined) throw new Error(`tsconfig.json does not include ${path}`);
  return module.imports;
}

/**
 * The layers: a room, and the rooms that it may import. A file belongs to the room with the longest prefix of its path. The
 * tests may import everything, but for `test/chaos`, which is a run of its own.
 */
const below = ["src/domain", "src/ports", "src/platform"];
const within: Record<string, readonly string[]> = {
  "src/domain": ["src/domain"],
  "src/ports": ["src/ports", "src/domain"],
  "src/platform": ["src/platform", "src/domain"],
  "src/flows": ["src/flows", "src/domain", "src/ports"],
  "src/crm": ["src/crm", ...below],
  "src/mihu": ["src/mihu", ...below],
  "src/notify": ["src/notify", ...below],
  "src/store": ["src/store", ...below, "migrations/meta/_journal.json"], // readiness names migrations that did not run
  "src/views": ["src/views", "src/flows", "src/domain", "src/ports"],
  "src/http": ["src/http", "src/views", "src/flows", ...below],
  "src/pages": ["src/pages", "src/views", "src/flows", ...below],
  "src/objects": ["src/objects", "src/flows", ...below],
  "src/environment.ts": below,
  "src/wiring": [
    "src/wiring",
    "src/environment.ts",
    ...["objects", "http", "pages", "views", "flows", "crm", "mihu", "notify", "store"].map((room) => `src/${room}`),
    ...below,
  ],
  "src/index.ts": ["src/wiring", "src/objects"],
  cli: ["cli", "src/domain", "src/platform", "src/flows/audit", "src/store/audit"],
  dev: ["dev", "cli", "src/crm", "src/domain", "test/crm/fixtures"], // `npm run send` sends the fixtures' signed samples
  "dev/openapi": ["dev/openapi", "cli", "src/http", "src/domain"], // the description is made of the routes
  "dev/docs": ["dev/docs", "dev/openapi", "bench/report", "cli", "src/domain"], // the figures are made of the last run
  // Claim and look-ups are measured as their stores send them, and the whole Worker with a part left out.
  bench: [
    "bench",
    "dev",
    "cli",
    "src/crm",
    "src/domain",
    "src/store/calls",
    "src/store/lookups",
    "src/store/statistics",
    "src/index.ts",
    "test/browser.ts",
  ],
  "test/chaos": ["test/chaos", "bench", "dev", "cli", "src/crm"], // the flood is measured beside the bare Worker
};

/** The longest of some prefixes of a path that ends where a folder or the path ends. */
function longest(path: string, prefixes: readonly string[]): string | undefined {
  return prefixes
    .filter((prefix) => path === prefix || path.startsWith(`${prefix}/`))
    .sort((one, other) => other.length - one.length)[0];
}

/** The room of a file, `undefined` for one that stands in none. */
const roomOf = (path: string): string | undefined => longest(path, Object.keys(within));
const housed = code.filter((path) => roomOf(path) !== undefined);
const isOurs = (from: string): boolean =>
  from.startsWith("../") || topDirs.some((dir) => from === dir || from.startsWith(`${dir}/`));
const mayImport = (path: string, from: string): boolean =>
  longest(from, within[roomOf(path) ?? ""] ?? []) !== undefined;

/** Packages that live in some rooms only. Any other package may be imported everywhere but in `domain/` and `flows/`. */
const homes: readonly [RegExp, readonly string[]][] = [
  [/^(?:hono|@hono\/[\w-]+)(?:\/|$)/, ["src/http", "src/pages"]],
  [/^(?:drizzle-orm|postgres)(?:\/|$)/, ["src/store"]],
  [/^cloudflare:/, ["src/objects"]],
  [/^(?:@marcbachmann\/cel-js|entities|liquidjs|libphonenumber-js|iso-3166)(?:\/|$)/, ["src/domain"]],
  [/^node:/, ["src/platform"]],
];
const pureRooms = ["src/domain", "src/flows"];

describe("the layers", () => {
  it("have every file of src, cli, dev and bench in a room", () => {
    const roomless = code.filter(
      (path) => !path.startsWith("test/") && !path.endsWith(".d.ts") && !housed.includes(path),
    );
    expect(roomless).toEqual([]);
    expect(housed.length).toBeGreaterThan(400);
  });

  it("are crossed downwards only", () => {
    const crossed = housed.flatMap((path) =>
      importsOf(path)
        .filter(({ from }) => isOurs(from) && !mayImport(path, from))
        .map(({ from }) => `${path} imports ${from}`),
    );
    expect(crossed).toEqual([]);
  });

  it("keep each package where it lives", () => {
    const strayed = source.flatMap((path) =>
      importsOf(path)
        .filter(({ from }) => !isOurs(from))
        .filter(({ from }) => {
          const home = homes.find(([name]) => name.test(from))?.[1];
          return home === undefined ? pureRooms.includes(roomOf(path) ?? "") : !home.includes(roomOf(path) ?? "");
        })
        .map(({ from }) => `${path} imports ${from}`),
    );
    expect(strayed).toEqual([]);
  });

  it("never run the schema: drizzle-kit does, and the stores import its types", () => {
    const ran = code
      .filter((path) => !path.startsWith("src/store/schema/"))
      .flatMap((path) => importsOf(path).map((found) => ({ path, ...found })))
      .filter(({ from, typeOnly }) => from.startsWith("src/store/schema/") && !typeOnly)
      .map(({ path, from }) => `${path} imports ${from}`);
    expect(ran).toEqual([]);
  });

  it("have ports of types only", () => {
    for (const path of source.filter((path) => roomOf(path) === "src/ports")) {
      expect(importsOf(path).filter(({ typeOnly }) => !typeOnly)).toEqual([]);
      expect(bare(path)).not.toMatch(/^(?:export )?(?:const|let|function|class)\b/m);
    }
  });

  it("are no circle: each file can be read after those that it imports", () => {
    const edges = new Map(code.map((path) => [path, new Set(importsOf(path).map(({ from }) => from))]));
    expect(code.filter((path) => reachedFrom(path, edges).has(path))).toEqual([]);
  });
});

/** All nodes that the edges lead to from a node. */
function reachedFrom(start: string, edges: ReadonlyMap<string, ReadonlySet<string>>): Set<string> {
  const seen = new Set<string>();
  const open = [...(edges.get(start) ?? [])];
  for (let at = open.pop(); at !== undefined; at = open.pop())
    if (!seen.has(at)) {
      seen.add(at);
      open.push(...(edges.get(at) ?? []));
    }
  return seen;
}

describe("the measures", () => {
  const filesMax = 15;
  const linesMax = 300;
  const charactersMax = 130;
  const statementLinesMax = 40;
  /** One file per sender: a list, and no drawer. */
  const lists = ["src/crm/presets", "test/crm/fixtures"];
  /** Entries of Workers. Cloudflare stores the classes of their objects by name, so a class may bear the name of what it is made of. */
  const workers = ["src/index.ts", "bench/floors/worker.ts", "bench/floors/parts.ts"];

  it(`are at most ${filesMax} files side by side`, () => {
    const counts = new Map<string, number>();
    for (const path of code) counts.set(posix.dirname(path), (counts.get(posix.dirname(path)) ?? 0) + 1);
    const over = [...counts].filter(([dir, count]) => !lists.includes(dir) && count > filesMax);
    expect(over).toEqual([]);
  });

  it(`are at most ${linesMax} lines in a file of src`, () => {
    const lines = source.map((path): [string, number] => [path, text(path).trimEnd().split("\n").length]);
    expect(lines.filter(([, count]) => count > linesMax)).toEqual([]);
  });

  it(`are at most ${charactersMax} characters in a line of the store's statements`, () => {
    const statements = source.filter((path) => path.startsWith("src/store/"));
    const wide = statements.flatMap((path) =>
      text(path)
        .split("\n")
        .filter((line) => line.length > charactersMax && !/^\s*(?:\*|\/\/|\/\*)/.test(line))
        .map((line) => `${path}: ${line.trim()}`),
    );
    expect(wide).toEqual([]);
  });

  it.each([
    ["the product and its tools", code.filter((path) => !path.startsWith("test/"))],
    ["the tests", code.filter((path) => path.startsWith("test/"))],
  ])("give no name to two things in %s: an exported name stands in one file", (_, files) => {
    const homes = new Map<string, Set<string>>();
    for (const path of files.filter((path) => !lists.includes(posix.dirname(path)) && !workers.includes(path)))
      for (const { name } of modules.get(path)?.exports ?? [])
        if (name !== "default") homes.set(name, (homes.get(name) ?? new Set()).add(path));
    expect([...homes].filter(([, paths]) => paths.size > 1).map(([name, paths]) => [name, ...paths])).toEqual([]);
  });

  it(`list the steps of a statement of more than ${statementLinesMax} lines in its header, in their order`, () => {
    const wrong = source
      .filter((path) => path.startsWith("src/store/"))
      .flatMap((path) =>
        text(path)
          .split(/^}$/m)
          .flatMap((part) => {
            const header = part.slice(Math.max(part.lastIndexOf("\n/**"), part.lastIndexOf("\n    /**")));
            const listed = [...(header.split("Steps:")[1] ?? "").matchAll(/^\s*\* - `(\w+)`/gm)].map(
              ([, step]) => step,
            );
            return [...header.matchAll(/\bsql(?:\(\))?(?:<[^`]*>)?`\n[\s\S]*?`;$/gm)].flatMap(([statement]) => {
              const steps = [
                ...statement.matchAll(/(?:\bwith(?: recursive)?|\),)\s+(\w+) as (?:materialized )?\(/g),
              ].map(([, step]) => step);
              const isLong = statement.split("\n").length > statementLinesMax;
              return steps.length > 0 && (isLong || listed.length > 0) && steps.join() !== listed.join()
                ? [[path, listed, steps]]
                : [];
            });
          }),
      );
    expect(wrong).toEqual([]);
  });

  it("say at each index which statement asks for it: nobody else keeps one, and every row pays for it", () => {
    const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const indexes = source
      .filter((path) => path.startsWith("src/store/schema/"))
      .flatMap((path) =>
        [...text(path).matchAll(/((?:^ *\/\/.*\n)*) *(?:uniqueIndex|index|unique)\("(\w+)"\)\s*\.on\(t\.(\w+)/gm)].map(
          ([, comment = "", name = "", column = ""]) => ({ comment, name, column: snakeCase(column) }),
        ),
      );
    const declared = source.filter((path) => path.startsWith("src/store/schema/")).map(bare);
    expect(indexes.length).toBe(declared.join("\n").match(/\b(?:uniqueIndex|index|unique)\(/g)?.length);
    const unasked = indexes.flatMap(({ comment, name, column }) => {
      const files = [...comment.matchAll(/`([a-z/-]+\.ts)`/g)].map(([, file]) => `src/store/${file}`);
      if (files.length === 0) return [`${name} names no statement`];
      return files
        .filter((file) => !source.includes(file) || !new RegExp(`\\b${column}\\b`).test(text(file)))
        .map((file) => `${name}: ${file} asks for no ${column}`);
    });
    expect(unasked).toEqual([]);
  });

  it("name the steps of statements by words that ARCHITECTURE.md explains, and explain no others", () => {
    /** A step that changes rows may have the participle of what it does. */
    const participle = /(?:^|_)(?:\w+ed|begun|held|made|withdrawn|written)(?:_|$)/;
    const [, glossary = ""] = text("ARCHITECTURE.md").split("## Steps of statements");
    const explained = [...glossary.matchAll(/`([a-z_]+)(…?)`(?=[^:\n]*:)/g)].map(
      ([, word = "", more]) => new RegExp(`^${word}${more === "" ? "$" : ""}`),
    );
    const steps = source
      .filter((path) => path.startsWith("src/store/"))
      .flatMap((path) =>
        [
          ...text(path).matchAll(
            /(?:\bwith(?: recursive)?|\),)\s+(\w+) as (?:materialized )?\(\s*(?:--[^\n]*\s+)*(?=(insert|update|delete|select|\$\{)\b)/g,
          ),
        ].map(([, step = "", verb = ""]) => ({ path, step, changes: /^[iud]/.test(verb) })),
      );
    expect(steps.length).toBeGreaterThan(150);
    const unexplained = steps.filter(
      ({ step, changes }) => !explained.some((word) => word.test(step)) && !(changes && participle.test(step)),
    );
    expect(unexplained).toEqual([]);
    expect(explained.filter((word) => !steps.some(({ step }) => word.test(step)))).toEqual([]);
  });

  it("let the folders of one folder import each other in one direction only", () => {
    const edges = new Map<string, Set<string>>();
    for (const path of code)
      for (const { from } of importsOf(path)) {
        const [here, there] = [posix.dirname(path).split("/"), posix.dirname(from).split("/")];
        const fork = here.findIndex((name, at) => name !== there[at]);
        // At the root the layers say it.
        if (fork < 1 || there[fork] === undefined) continue;
        const one = here.slice(0, fork + 1).join("/");
        edges.set(one, (edges.get(one) ?? new Set()).add(there.slice(0, fork + 1).join("/")));
      }
    expect([...edges.keys()].filter((dir) => reachedFrom(dir, edges).has(dir))).toEqual([]);
  });
});

describe("exported names", () => {
  /** Names that only tests import, by the reason why they are exported. */
  const forTests: readonly (readonly [reason: string, names: readonly string[]])[] = [
    [
      "a test brings ports, a storage or settings of its own",
      [
        ...["ConnectPorts", "FetchPorts", "PausePorts", "RequestCallPorts"],
        ...["JournalStorage", "ReportStorage", "SpillStorage", "GroupLimits", "MihuSettings", "SourceLookupDeps"],
      ],
    ],
    ["a test makes values of this type", ["CallFacts", "OwnCall", "RehearsedEvent", "Resolution", "SignatureList"]],
    ["the steps run the flows as the Worker wires them", ["doorDeps", "sweepPorts"]],
    ["a test looks at every reason or mark that there is", ["reasons", "doubleMarks", "singleMarks"]],
    ["a test knows a statement by what the store's client knows it by", ["insertsEntries"]],
    [
      "a test goes to the edge of a limit",
      ["confirmedMs", "confirmPauseMs", "guessMaxAgeMs", "keysPauseMs", "unknownAsksMax", "awayMs"],
    ],
    ["a test walks one piece of the chain", ["walkPiece"]],
    ["a test looks at a message alone", ["mailOf", "MessageDeps"]],
    ["a test runs the command line within its own process", ["main"]],
    ["a test verifies the senders' own examples, whose secrets the door refuses", ["verifyBySecrets"]],
  ];
  /** Exports that no import asks for: Cloudflare knows the Worker's by their names, and drizzle-kit reads every table. */
  const readFromOutside = (path: string): boolean => path === "src/index.ts" || path.startsWith("src/store/schema/");
  const isTest = (path: string): boolean => path.startsWith("test/");

  /** Whether a file that is asked for, other than the name's own, imports a name. */
  function isImported(home: string, name: string, isAsked: (path: string) => boolean): boolean {
    return code.some(
      (path) =>
        path !== home &&
        isAsked(path) &&
        importsOf(path).some(({ from, names }) => from === home && (names === "all" || names.includes(name))),
    );
  }

  it("of src and cli are imported by another file that is no test, or are on a list", () => {
    const unused = code
      .filter((path) => /^(?:src|cli)\//.test(path) && !readFromOutside(path))
      .flatMap((path) =>
        (modules.get(path)?.exports ?? [])
          .filter(({ name }) => !isImported(path, name, (other) => !isTest(other)))
          .map(({ name }) => ({ path, name })),
      );
    const listed = forTests.flatMap(([, names]) => names);
    expect(unused.filter(({ name }) => !listed.includes(name))).toEqual([]);
    // The list has no name that needs no place on it.
    const tested = unused.filter(({ path, name }) => isImported(path, name, isTest)).map(({ name }) => name);
    expect(listed.filter((name) => !tested.includes(name))).toEqual([]);
  });
});

describe("entries of the audit log", () => {
  const store = source.filter((path) => path.startsWith("src/store/"));
  const countOf = (path: string, pattern: RegExp) => text(path).match(new RegExp(pattern, "gi"))?.length ?? 0;

  it("are added by statements whose text the store's client knows them by", () => {
    const writers = store.filter((path) => countOf(path, insertsEntries) > 0);
    expect(writers.length).toBeGreaterThan(15);
    // A name that is put in while it runs, or that is written another way, is known by nobody.
    const unknown = store.filter((path) => countOf(path, /\(["'`]entries["'`]\)/) > 0);
    const strange = store.filter((path) => countOf(path, /into[\s"(]+entries/) > countOf(path, insertsEntries));
    expect([...unknown, ...strange]).toEqual([]);
  });

  it("have one client: nothing else of src reaches Postgres", () => {
    const others = source.filter((path) =>
      importsOf(path).some(({ from, typeOnly }) => from === "postgres" && !typeOnly),
    );
    expect(others).toEqual(["src/store/postgres/connection.ts"]);
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
    ["reads the environment", /\bprocess\b|\benv\s*[.[]|\bimport\.meta\b|\bglobalThis\b/],
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

describe("comments", () => {
  /** Rooms of src whose comments are in plain English; of `tested` the tests' too. A room is added once its comments are rewritten. */
  const tested = ["crm", "domain", "http", "mihu", "pages", "views"];
  const plainRooms = [
    ...tested.flatMap((room) => [`src/${room}`, `test/${room}`]),
    ...["flows", "ports", "platform", "wiring", "store", "objects"].map((room) => `src/${room}`),
    ...["cli", "dev", "bench"],
  ];
  /** Openings without a subject: the reader learns only at the end of the sentence what it is about. */
  const subjectless = /^(?:What|Whatever|Who|Whoever|Whom|Whose|Where|Wherever|Which|One that)\b/;

  /** Texts of a file's comments. Consecutive line comments are one text. */
  function commentsOf(path: string): string[] {
    const found = text(path).matchAll(/\/\*\*?([\s\S]*?)\*\/|(?:^|[;,{}()[\]])[ \t]*\/\/ ?((?:.*\n[ \t]*\/\/)*.*)$/gm);
    return [...found].map(([, block, lines]) => (block ?? lines ?? "").replace(/\n[ \t]*(?:\*|\/\/)?/g, "\n"));
  }

  /** Sentences of a comment. Code marks hide their content, and a tag or a list item begins a sentence. */
  function sentencesOf(comment: string): string[] {
    const ends = /(?<=[.?!])\s+|\n\s*\n|\n(?=\s*(?:@|- |\d+\. ))/;
    const lead = /^(?:@param \S+ |@\w+ |- |\d+\. )/;
    return comment
      .replace(/`[^`]*`/g, (code) => code.replace(/[.?!\n]/g, "_"))
      .split(ends)
      .map((sentence) => sentence.trim().replace(/\s+/g, " ").replace(lead, ""));
  }

  it("name their subject first: no sentence begins with What, Who, Where or Which", () => {
    const plain = code.filter((path) => plainRooms.some((room) => path.startsWith(`${room}/`)));
    expect(plain.flatMap(commentsOf).length).toBeGreaterThan(500);
    const strange = plain.flatMap((path) =>
      commentsOf(path)
        .flatMap(sentencesOf)
        .filter((sentence) => subjectless.test(sentence))
        .map((sentence) => `${path}: ${sentence}`),
    );
    expect(strange).toEqual([]);
  });
});

describe("documents", () => {
  const documents = [...readdirSync(root), ...filesBelow("docs")].filter((name) => name.endsWith(".md"));
  const files = [...topDirs.flatMap(filesBelow), ...filesBelow("examples"), ...readdirSync(root)];
  /**
   * A document names a file by its whole path, or by an end of it that no other file has; a folder by its whole path. Links are
   * checked by `test/docs/links.test.ts`.
   */
  function isThere(path: string): boolean {
    if (files.some((file) => file === path || file.startsWith(`${path.replace(/\/$/, "")}/`))) return true;
    return files.filter((file) => file.endsWith(`/${path}`)).length === 1;
  }

  /** Paths in code marks: below a folder of ours, or a file's name with an ending that only code and documents have. */
  function pathsIn(document: string): string[] {
    const marked = [...document.matchAll(/`([^`\n]+)`/g)].flatMap(([, words = ""]) => words.split(/[\s,;:()"'=]+/));
    const ours = new RegExp(`^(?:${topDirs.map((dir) => dir.replace(".", "\\.")).join("|")})/[\\w./-]*$`);
    const named = marked.filter((word) => ours.test(word) || /^\w[\w./-]*\.(?:tsx?|mjs|md|toml|sql)$/.test(word));
    return named.map((path) => path.replace(/^\.\//, ""));
  }

  it.each(documents)("%s names only files that are there, and leaves no doubt which", (name) => {
    const lost = pathsIn(text(name)).filter((path) => !isThere(path));
    expect(lost).toEqual([]);
  });

  it("have their paths found", () => {
    expect(
      pathsIn("See `src/domain/plan/plan.ts`, `npm run x -- a.toml`, [this](CHANGELOG.md) and `data.name`."),
    ).toEqual(["src/domain/plan/plan.ts", "a.toml"]);
    expect(["src/domain/", "plan/plan.ts", "src/domain/plan/plan.ts"].filter((path) => !isThere(path))).toEqual([]);
    expect(["src/domain/nothing.ts", "index.ts"].filter(isThere)).toEqual([]);
  });
});
