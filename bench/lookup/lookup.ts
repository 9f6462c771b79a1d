// `npm run bench -- --lookup`: what a person asks for at very many calls, beside the same at few.
import { appUrl } from "../../cli/install/run-migrations.ts";
import { type ClusterInfo, migratedDatabase } from "../../dev/stack/cluster.ts";
import type { Row } from "../report/report.ts";
import { type Compared, compareLookups, type Installation, type Rounds } from "./compare.ts";
import { fillCalls } from "./fill.ts";
import { pagesOfOrder } from "./pages.ts";
import { type Asked, askWorkbench } from "./workbench.ts";

const ratioMax = 1.5;

export type LookupsMeasured = {
  readonly compared: readonly Compared[];
  readonly pages: { readonly few: number; readonly many: number };
  readonly asked: readonly Asked[];
};

type Size = Rounds & { readonly few: number; readonly many: number };

/** Fills two installations of one cluster and asks both by turns. */
export async function measureLookups(
  cluster: ClusterInfo,
  size: Size,
  say: (words: string) => void,
): Promise<LookupsMeasured> {
  const filled = async (calls: number): Promise<Installation> => {
    const began = performance.now();
    const { ownerUrl } = await migratedDatabase(cluster);
    await fillCalls(cluster, ownerUrl, calls);
    say(`  ${calls} calls filled in ${Math.round((performance.now() - began) / 1000)} s`);
    return { url: appUrl(ownerUrl, cluster.appPassword), calls };
  };
  const few = await filled(size.few);
  const many = await filled(size.many);
  const pages = { few: await pagesOfOrder(few), many: await pagesOfOrder(many) };
  const asked = await askWorkbench(few, many, size.lookups, say);
  return { compared: await compareLookups(few, many, size), pages, asked };
}

/** @returns the rows of the table */
export function lookupRows(
  { compared, pages, asked }: LookupsMeasured,
  { few, many }: Pick<Size, "few" | "many">,
): Row[] {
  const sizes = `at ${many} calls against ${few}`;
  const rows = compared.map(({ what, planned, ratio, ...of }) => ({
    what: `${what}, planned ${planned}, ${sizes}, p99`,
    goal: `≤ ${ratioMax} ×`,
    measured: `${ms(of.many.p99Ms)} : ${ms(of.few.p99Ms)} = ${ratio.toFixed(2)} ×, p50 ${ms(of.many.p50Ms)} : ${ms(of.few.p50Ms)}`,
    ok: ratio <= ratioMax,
  }));
  const ratio = pages.many / pages.few;
  const measured = `${pages.many} : ${pages.few} = ${ratio.toFixed(2)} ×`;
  const workbench = asked.map(({ what, few, many, p95MaxMs }) => ({
    what: `${what}, ${sizes}, p50 / p95 / p99`,
    goal: `p95 ≤ ${p95MaxMs} ms`,
    measured: `${three(many)} : ${three(few)}`,
    ok: many.p95Ms <= p95MaxMs,
  }));
  return [
    ...rows,
    ...workbench,
    { what: `pages of that look-up, ${sizes}, p50`, goal: `≤ ${ratioMax} ×`, measured, ok: ratio <= ratioMax },
  ];
}

function three({ p50Ms, p95Ms, p99Ms }: Asked["many"]): string {
  return [p50Ms, p95Ms, p99Ms].map(ms).join(" / ");
}

function ms(value: number): string {
  return `${value.toFixed(2)} ms`;
}
