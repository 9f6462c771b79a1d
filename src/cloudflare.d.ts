/**
 * The few types of the Workers runtime that stand in our code as globals. The package's own globals are left out: they redeclare what
 * Node has (`URL`, `Request`, streams), and tests and tools use both in one program.
 */
type DurableObjectId = import("@cloudflare/workers-types").DurableObjectId;
type DurableObjectNamespace = import("@cloudflare/workers-types").DurableObjectNamespace;
type DurableObjectStub = import("@cloudflare/workers-types").DurableObjectStub;
type DurableObjectLocationHint = import("@cloudflare/workers-types").DurableObjectLocationHint;
type DurableObjectState = import("@cloudflare/workers-types").DurableObjectState;
type ExecutionContext = import("@cloudflare/workers-types").ExecutionContext;
type CryptoKey = import("node:crypto").webcrypto.CryptoKey;

declare module "cloudflare:workers" {
  export abstract class DurableObject<Env = unknown> {
    protected readonly ctx: DurableObjectState;
    protected readonly env: Env;
    constructor(ctx: DurableObjectState, env: Env);
    alarm?(): Promise<void>;
  }
}
