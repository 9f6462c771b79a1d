// The Cap'n Proto text of raw workerd's configuration. Variables come from the environment. The database's password has
// to be part of the file, so the file is private.
import { join } from "node:path";

/** The settings of one served Worker. Ports are of 127.0.0.1. */
type WorkerdSetup = {
  /** Relative to the directory of the configuration's file. */
  bundleDir: string;
  main: string;
  port: number;
  /** A second port: a request there runs the Worker's `scheduled` once. */
  cronPort: number;
  /** Ports of further Workers of the same code, each in its own isolate. They share the objects of the first. */
  isolatePorts: readonly number[];
  objectsDir: string;
  databaseUrl: string | undefined;
  /** Binding → class of each Durable Object. */
  objects: Readonly<Record<string, string>>;
  /** Names of the variables, each read from workerd's own environment. */
  varNames: readonly string[];
  compatibilityDate: string;
  compatibilityFlags: readonly string[];
  /** Addresses that the Worker may reach, beside its Postgres. */
  allow: readonly string[];
  /** Limit of V8's heap in MB; `undefined`: V8's own, which is gigabytes. */
  heapMb: number | undefined;
  /** A Worker of another version beside the first, as during a deploy; null for none. */
  former: FormerSetup | null;
};

/** A Worker of another version: each class of objects runs in one of the two, and both Workers reach all of them. */
type FormerSetup = {
  bundleDir: string;
  main: string;
  port: number;
  cronPort: number;
  /** Binding → class of the objects that it knows. */
  objects: Readonly<Record<string, string>>;
  /** Classes whose objects run its code. */
  hosts: readonly string[];
};

const cronScript = `export default {
  async fetch(request, env) {
    const asked = new URL(request.url).searchParams;
    const time = asked.get("time");
    const result = await env.MAIN.scheduled({
      cron: asked.get("cron") ?? "* * * * *",
      scheduledTime: time === null ? new Date() : new Date(Number(time)),
    });
    return new Response(result.outcome, { status: result.outcome === "ok" ? 200 : 500 });
  },
};`;

/** Writes the whole configuration; a pure function of its argument. */
export function workerdConfig(setup: WorkerdSetup): string {
  const { databaseUrl, former } = setup;
  const services = [
    `(name = "main", worker = .main)`,
    `(name = "cron", worker = .cron)`,
    ...(former === null ? [] : [`(name = "former", worker = .former)`, `(name = "formerCron", worker = .formerCron)`]),
    ...setup.isolatePorts.map((port) => `(name = "isolate-${port}", worker = .isolate)`),
    `(name = "internet", network = (allow = ${list(setup.allow)}, tlsOptions = (trustBrowserCas = true)))`,
    `(name = "objects", disk = (path = ${text(setup.objectsDir)}, writable = true))`,
    ...(databaseUrl === undefined ? [] : [databaseService(databaseUrl)]),
  ];
  const sockets = [
    socket("http", setup.port, "main"),
    socket("cron", setup.cronPort, "cron"),
    ...setup.isolatePorts.map((port) => socket(`isolate-${port}`, port, `isolate-${port}`)),
    ...(former === null
      ? []
      : [socket("former", former.port, "former"), socket("formerCron", former.cronPort, "formerCron")]),
  ];
  const hosts = former?.hosts ?? [];
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    ${services.join(",\n    ")}
  ],
  sockets = [
    ${sockets.join(",\n    ")}
  ]${setup.heapMb === undefined ? "" : `,\n  v8Flags = ["--max-heap-size=${setup.heapMb}"]`}
);

const main :Workerd.Worker = (
  ${module(setup)}
  ${compatibility(setup)}
  bindings = [
    ${bindings(setup, setup.objects, namespaceIn("main", hosts)).join(",\n    ")}
  ],
  ${namespaces(Object.values(setup.objects).filter((name) => !hosts.includes(name)))}
);

const isolate :Workerd.Worker = (
  ${module(setup)}
  ${compatibility(setup)}
  bindings = [
    ${bindings(setup, setup.objects, namespaceIn("isolate", hosts)).join(",\n    ")}
  ]
);

${cron("cron", "main", setup)}
${former === null ? "" : formerWorker(setup, former)}`;
}

function formerWorker(setup: WorkerdSetup, former: FormerSetup): string {
  return `
const former :Workerd.Worker = (
  ${module(former)}
  ${compatibility(setup)}
  bindings = [
    ${bindings(setup, former.objects, namespaceIn("former", former.hosts)).join(",\n    ")}
  ],
  ${namespaces(former.hosts)}
);

${cron("formerCron", "former", setup)}
`;
}

function cron(name: string, service: string, setup: WorkerdSetup): string {
  return `const ${name} :Workerd.Worker = (
  modules = [(name = "cron.js", esModule = ${text(cronScript)})],
  compatibilityDate = ${text(setup.compatibilityDate)},
  compatibilityFlags = ["service_binding_extra_handlers"],
  bindings = [(name = "MAIN", service = ${text(service)})]
);`;
}

function module({ main, bundleDir }: Pick<WorkerdSetup, "main" | "bundleDir">): string {
  return `modules = [(name = ${text(main)}, esModule = embed ${text(join(bundleDir, main))})],`;
}

function compatibility(setup: WorkerdSetup): string {
  return `compatibilityDate = ${text(setup.compatibilityDate)},
  compatibilityFlags = ${list(setup.compatibilityFlags)},`;
}

function namespaces(classes: readonly string[]): string {
  if (classes.length === 0) return "";
  return `durableObjectNamespaces = [
    ${classes.map(namespace).join(",\n    ")}
  ],
  durableObjectStorage = (localDisk = "objects")`;
}

function socket(name: string, port: number, service: string): string {
  return `(name = ${text(name)}, address = "127.0.0.1:${port}", http = (), service = ${text(service)})`;
}

/** The namespace of a class as a Worker's configuration names it. @param formerHosts classes whose objects run in the other version */
const namespaceIn =
  (service: string, formerHosts: readonly string[]) =>
  (className: string): string => {
    const host = formerHosts.includes(className) ? "former" : "main";
    return host === service ? text(className) : `(className = ${text(className)}, serviceName = ${text(host)})`;
  };

function bindings(
  setup: WorkerdSetup,
  known: Readonly<Record<string, string>>,
  namespaceOf: (className: string) => string,
): string[] {
  const objects = Object.entries(known).map(
    ([name, className]) => `(name = ${text(name)}, durableObjectNamespace = ${namespaceOf(className)})`,
  );
  const vars = setup.varNames.map((name) => `(name = ${text(name)}, fromEnvironment = ${text(name)})`);
  return [...objects, ...vars, ...(setup.databaseUrl === undefined ? [] : [hyperdrive(setup.databaseUrl)])];
}

// The key names the storage's directory; with it, a second start finds its objects again.
function namespace(className: string): string {
  return `(className = ${text(className)}, uniqueKey = ${text(`hookline-${className}`)}, enableSql = true)`;
}

function databaseService(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  return `(name = "database", external = (address = ${text(`${url.hostname}:${url.port || "5432"}`)}, tcp = ()))`;
}

function hyperdrive(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  const fields = {
    database: decodeURIComponent(url.pathname.slice(1)),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    scheme: "postgresql",
  };
  const written = Object.entries(fields).map(([name, value]) => `${name} = ${text(value)}`);
  return `(name = "HYPERDRIVE", hyperdrive = (designator = "database", ${written.join(", ")}))`;
}

function list(values: readonly string[]): string {
  return `[${values.map(text).join(", ")}]`;
}

// Cap'n Proto's strings know fewer escapes than JSON's; every byte beyond printable ASCII is written as \\xHH.
function text(value: string): string {
  const bytes = [...new TextEncoder().encode(value)];
  const written = bytes.map((byte) => {
    if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`;
    if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
    return `\\x${byte.toString(16).padStart(2, "0")}`;
  });
  return `"${written.join("")}"`;
}
