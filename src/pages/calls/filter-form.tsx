import type { CallView } from "../../views/calls/call.ts";
import { Quoted } from "../parts/bits.tsx";
import { Moment } from "../parts/moment.tsx";
import { wallTime } from "../parts/wall-time.ts";
import { plain } from "../parts/words.ts";
import { useViewer } from "../viewer.ts";
import {
  choiceText,
  filterChoices,
  filterNames,
  type ListFilter,
  type ListFilterName,
  listPath,
  menu,
  setFields,
  without,
} from "./filter.ts";

type Props = { filter: ListFilter; calls: readonly CallView[] };

/** The filter as chips, each with a link that removes it, and its form in a disclosure. */
export function Filters({ filter, calls }: Props) {
  const set = setFields(filter);
  return (
    <>
      <details class="filters" {...menu}>
        <summary class="button quiet">Filter</summary>
        <FilterForm filter={filter} calls={calls} />
      </details>
      {set.length === 0 ? null : (
        <ul class="chips" aria-label="Filters that are set">
          {set.map(([name, value]) => (
            <li>
              <a class="chip" href={listPath(without(filter, name))}>
                <span class="unseen">Remove the filter </span>
                {filterNames[name]}: {isTime(name) ? <Moment at={value} /> : <Quoted text={choiceText(name, value)} />}
                <span class="x" aria-hidden="true">
                  ×
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function isTime(name: ListFilterName): boolean {
  return name === "from" || name === "to";
}

function FilterForm({ filter, calls }: Props) {
  const { zone } = useViewer();
  const shown = (pick: (call: CallView) => string | null) =>
    [...new Set(calls.flatMap((call) => pick(call) ?? []))].sort();
  return (
    <form class="filter-form" method="get" action="/calls">
      <Choice name="status" filter={filter} />
      <Choice name="outcome" filter={filter} />
      <Choice name="reason" filter={filter} />
      <Typed name="line" filter={filter} known={shown((call) => call.line)} />
      <Typed name="source" filter={filter} known={shown((call) => call.source)} />
      <Typed name="rule" filter={filter} known={shown((call) => call.rule)} />
      {(["from", "to"] as const).map((name) => (
        <p>
          <label for={`filter-${name}`}>{filterNames[name]}</label>
          <input
            id={`filter-${name}`}
            name={name}
            type="datetime-local"
            value={filter[name] === undefined ? "" : wallTime(filter[name], zone)}
          />
        </p>
      ))}
      {(["order_number", "number", "conversation", "record_type", "record_id"] as const).map((name) =>
        filter[name] === undefined ? null : <input type="hidden" name={name} value={filter[name]} />,
      )}
      <p class="buttons">
        <button type="submit">Show</button>
        <a class="button quiet" href="/calls">
          Clear
        </a>
      </p>
    </form>
  );
}

function Choice({ name, filter }: { name: keyof typeof filterChoices; filter: ListFilter }) {
  const chosen = filter[name] ?? "";
  const choices: readonly string[] = filterChoices[name];
  return (
    <p>
      <label for={`filter-${name}`}>{filterNames[name]}</label>
      <select id={`filter-${name}`} name={name}>
        <option value="">Any</option>
        {chosen === "" || choices.includes(chosen) ? null : (
          <option value={chosen} selected>
            {choiceText(name, chosen)}
          </option>
        )}
        {choices.map((value) => (
          <option value={value} {...(value === chosen ? { selected: true } : {})}>
            {plain(value)}
          </option>
        ))}
      </select>
    </p>
  );
}

/** A name that is typed, with those of the shown calls as suggestions. */
function Typed(props: { name: "line" | "source" | "rule"; filter: ListFilter; known: readonly string[] }) {
  const { name, filter, known } = props;
  return (
    <p>
      <label for={`filter-${name}`}>{filterNames[name]}</label>
      <input
        id={`filter-${name}`}
        name={name}
        value={filter[name] ?? ""}
        list={`known-${name}`}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        placeholder="Any"
      />
      <datalist id={`known-${name}`}>
        {known.map((one) => (
          <option value={one} />
        ))}
      </datalist>
    </p>
  );
}
