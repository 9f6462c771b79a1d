/** The tenant of a request that was rejected for it. The name of an account is no secret, so both are shown. */
import { schemeOf, schemeSetting } from "../../preset/chosen-scheme.ts";
import { tenantRefusal, tenantsOf } from "../../signature/tenant.ts";
import type { Finding } from "../findings.ts";
import type { Patient } from "../trial.ts";

const namesMax = 3;

/** @returns The tenants of the request and of the source, or another scheme of the preset under which they match. */
export function tenantFinding({ preset, settings, chosen, tenant, request }: Patient): Finding | null {
  const { tenant: reading, name } = chosen.scheme;
  for (const other of preset.schemes) {
    const { scheme, body } = schemeOf(preset, { ...settings, [schemeSetting]: other.name });
    const isOther = other.name !== name && scheme.tenant !== null && scheme.tenant !== reading;
    if (isOther && tenant !== null && tenantRefusal(scheme.tenant, tenant, request, body) === null)
      return { kind: "scheme", is: other.name, wants: name };
  }
  const found = reading === null ? [] : tenantsOf(reading, chosen.body, request);
  const came = [...new Set(found.flatMap((one) => (one === null ? [] : [clean(one)])))].slice(0, namesMax);
  return tenant === null || tenant === "" ? { kind: "tenant_unsaid", came } : { kind: "tenant", came, wants: tenant };
}

function clean(name: string): string {
  return name.replace(/[^\x20-\x7e]/g, "?").slice(0, 80);
}
