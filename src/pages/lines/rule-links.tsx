import { Quoted, rulePagePath } from "../parts/bits.tsx";

/** Links to rules, which a line names as `source/rule`. */
export function RuleLinks({ rules }: { rules: readonly string[] }) {
  return (
    <ul class="plain">
      {rules.map((rule) => {
        const [source = "", name = ""] = rule.split("/");
        return (
          <li>
            <a href={rulePagePath(source, name)}>
              <Quoted text={source} /> › <Quoted text={name} />
            </a>
          </li>
        );
      })}
    </ul>
  );
}
