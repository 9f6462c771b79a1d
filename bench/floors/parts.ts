// The product's own Worker, with one part left out, or with everything counted that Cloudflare bills:
// - `uncalled`: the Worker answers in place of the inbox, and calls no object.
// - `answered`: the call is made, and the inbox answers without reading the events.
// - `counted`: the complete product, with counts.
import product, {
  Directory as ProductDirectory,
  Dispatcher as ProductDispatcher,
  Inbox as ProductInbox,
  Line as ProductLine,
  Notary as ProductNotary,
  Notifier as ProductNotifier,
} from "../../src/index.ts";
import { alarmed, countedNamespace, countedState, countsSoFar, namespaceOf, namespaces } from "./counts.ts";

type PartsEnv = Record<string, unknown> & { readonly PART: "uncalled" | "answered" | "counted" };
type Context = Parameters<typeof product.fetch>[2];
type Accept = InstanceType<typeof ProductInbox>["acceptPrepared"];

const known = new WeakMap<object, PartsEnv>();

/** Returns the same object for the same environment, because the product uses it as a cache key. */
function partsOf(env: PartsEnv): PartsEnv {
  const made = known.get(env) ?? partsMade(env);
  known.set(env, made);
  known.set(made, made);
  return made;
}

function partsMade(env: PartsEnv): PartsEnv {
  if (env.PART === "answered") return env;
  if (env.PART === "uncalled") return { ...env, INBOX: answeringNamespace(env.INBOX) };
  const namespacesMade = namespaces.map((name) => [name, countedNamespace(name, env[name])]);
  return { ...env, ...Object.fromEntries(namespacesMade) };
}

/** A namespace of inboxes whose `accept` runs in the Worker. Other methods call the object. */
function answeringNamespace(given: unknown): unknown {
  const namespace = namespaceOf(given);
  return {
    idFromName: (name: string) => namespace.idFromName(name),
    get: (id: DurableObjectId, options: { locationHint: DurableObjectLocationHint }) =>
      new Proxy(namespace.get(id, options), {
        get: (stub, name) => (name === "acceptPrepared" ? allNew : Reflect.get(stub, name, stub)),
      }),
  };
}

const allNew: Accept = async () => "all_new";

export default {
  fetch(request: Request, env: PartsEnv, context: Context) {
    if (env.PART === "counted") {
      if (new URL(request.url).pathname === "/counts") return Response.json(countsSoFar());
      alarmed("requests");
    }
    return product.fetch(request, partsOf(env), context);
  },
  scheduled: (controller: unknown, env: PartsEnv, context: ExecutionContext) =>
    product.scheduled(controller, partsOf(env), context),
};

export class Inbox extends ProductInbox {
  readonly answers: boolean;
  constructor(state: DurableObjectState, env: PartsEnv) {
    super(countedState(state, env.PART), partsOf(env));
    this.answers = env.PART === "answered";
  }
  override acceptPrepared(...given: Parameters<Accept>): ReturnType<Accept> {
    return this.answers ? allNew(...given) : super.acceptPrepared(...given);
  }
  override alarm(): Promise<void> {
    alarmed("INBOX");
    return super.alarm();
  }
}

export class Line extends ProductLine {
  constructor(state: DurableObjectState, env: PartsEnv) {
    super(countedState(state, env.PART), partsOf(env));
  }
  override alarm(): Promise<void> {
    alarmed("LINE");
    return super.alarm();
  }
}

export class Notary extends ProductNotary {
  constructor(state: DurableObjectState, env: PartsEnv) {
    super(countedState(state, env.PART), partsOf(env));
  }
  override alarm(): Promise<void> {
    alarmed("NOTARY");
    return super.alarm();
  }
}

export class Directory extends ProductDirectory {
  constructor(state: DurableObjectState, env: PartsEnv) {
    super(countedState(state, env.PART), partsOf(env));
  }
}

export class Dispatcher extends ProductDispatcher {
  constructor(state: DurableObjectState, env: PartsEnv) {
    super(countedState(state, env.PART), partsOf(env));
  }
  override alarm(): Promise<void> {
    alarmed("DISPATCHER");
    return super.alarm();
  }
}

export class Notifier extends ProductNotifier {
  constructor(state: DurableObjectState, env: PartsEnv) {
    super(countedState(state, env.PART), partsOf(env));
  }
}
