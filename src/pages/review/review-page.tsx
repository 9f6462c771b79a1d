import type { ReviewItemView } from "../../views/people/review.ts";
import { type Reader, seesAll } from "../../views/reader.ts";
import { durationText } from "../../views/times.ts";
import { EditRule, lacksValue, MissingValue } from "../call/missing-value.tsx";
import { Layout } from "../frame/layout.tsx";
import { Live } from "../frame/live.tsx";
import { Hidden, Quoted, Sentence, Status } from "../parts/bits.tsx";
import { plain } from "../parts/words.ts";
import { useViewer } from "../viewer.ts";
import { DecideForm } from "./decide-form.tsx";
import { type QueueFilter, queuePath, type ReviewQueue } from "./queue.ts";

/** A form that was refused, or a call that somebody else has taken on. */
export type ReviewRefusal = {
  readonly sentence: string;
  /** Call that the person may take over; null: nothing to take over. */
  readonly takeOver: string | null;
};

type Props = {
  reader: Reader;
  queue: ReviewQueue;
  filter: QueueFilter;
  cursor: string | null;
  mayDecide: boolean;
  refusal: ReviewRefusal | null;
  /** The form that was refused, so that the selection and the reason stay. */
  kept: URLSearchParams;
};

/** Calls that wait for a person, oldest first. */
export function ReviewPage({ reader, queue, filter, cursor, mayDecide, refusal, kept }: Props) {
  const items = queue.data;
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <Layout title="Review" reader={reader}>
      <div class="title-row">
        <h1>Review</h1>
        <p class="note keys-hint needs-script">
          <kbd>?</kbd> shows the keys
        </p>
      </div>
      <p class="note">
        Calls that wait for a person, oldest first. A call is overdue after {waitText(queue.overdue_after_s)}.
        {items.some(({ call }) => call.status === "unknown")
          ? " An unknown call is still looked up at Mihu: if that finds nothing, it can be decided."
          : ""}
      </p>
      <QueueFilters filter={filter} items={items} />
      {refusal === null ? null : (
        <div class="refused" role="alert">
          <p>
            <Sentence text={refusal.sentence} />
          </p>
          {refusal.takeOver === null ? null : (
            <p>
              <button type="submit" class="quiet" form="assign" name="over" value={refusal.takeOver}>
                Take it over
              </button>
            </p>
          )}
        </div>
      )}
      <Live id="queue" path={queuePath(filter, cursor)} label="Calls that wait for a person">
        {items.length === 0 ? (
          <p class="empty">
            {isFiltered ? (
              <>
                No waiting call matches. <a href="/review">Show all</a>
              </>
            ) : (
              "Nothing waits for a person. Held calls, and calls of which nobody knows whether they rang, appear here by themselves."
            )}
          </p>
        ) : (
          <QueueTable items={items} mayDecide={mayDecide} chosen={kept.getAll("call")} />
        )}
        {seesAll(reader) || items.length === 0 ? null : <Hidden what="Numbers and texts" />}
      </Live>
      <div class="pager">
        {cursor === null ? <span /> : <a href={queuePath(filter)}>Oldest</a>}
        {queue.next_cursor === null ? null : <a href={queuePath(filter, queue.next_cursor)}>Newer</a>}
      </div>
      {mayDecide ? (
        <>
          <form id="assign" method="post" action="/review/assign">
            <Back filter={filter} />
          </form>
          {!items.some(({ decisions }) => decisions.length > 0) && kept.size === 0 ? null : (
            <DecideForm items={items} kept={kept}>
              <Back filter={filter} />
            </DecideForm>
          )}
        </>
      ) : null}
    </Layout>
  );
}

/** The filter goes along with a form, so that the person comes back to the same list. */
function Back({ filter }: { filter: QueueFilter }) {
  return <input type="hidden" name="back" value={queuePath(filter)} />;
}

const columns = ["Order", "Status", "Waits", "Number", "Owner"] as const;

function QueueTable({
  items,
  mayDecide,
  chosen,
}: {
  items: ReviewQueue["data"];
  mayDecide: boolean;
  chosen: string[];
}) {
  return (
    <table class={`calls one-line queue${mayDecide ? " decides" : ""}`} aria-label="Calls that wait for a person">
      <thead>
        <tr>
          {mayDecide ? (
            <th scope="col" class="q-select">
              <span class="unseen">Select</span>
            </th>
          ) : null}
          {columns.map((column) => (
            <th scope="col" class={`q-${column.toLowerCase()}`}>
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <QueueRow item={item} mayDecide={mayDecide} isChosen={chosen.includes(item.call.id)} />
        ))}
      </tbody>
    </table>
  );
}

function QueueRow({ item, mayDecide, isChosen }: { item: ReviewItemView; mayDecide: boolean; isChosen: boolean }) {
  const { call, overdue, age_s } = item;
  const name = call.order_number ?? "no order";
  const canChoose = item.decisions.length > 0;
  const { scopes } = useViewer();
  return (
    <tr id={`row-${call.id}`} data-row>
      {mayDecide ? (
        <td class="select">
          {canChoose ? (
            <input
              type="checkbox"
              form="decide"
              name="call"
              value={call.id}
              aria-label={`Select ${name}`}
              {...(isChosen ? { checked: true } : {})}
            />
          ) : null}
        </td>
      ) : null}
      <td class="order">
        <a class="row-link" href={`/calls/${encodeURIComponent(call.id)}`}>
          <Quoted text={name} />
        </a>
      </td>
      <td class="state">
        <Status call={call} />
        {lacksValue(call) ? (
          <span class="sub">
            <MissingValue call={call} /> <EditRule call={call} scopes={scopes} />
          </span>
        ) : null}
      </td>
      <td class="age">
        {waitText(age_s)}
        {overdue ? <strong class="overdue">overdue</strong> : null}
      </td>
      <td class="number">{call.number === null ? "none" : <Quoted text={call.number} />}</td>
      <td class="owner">
        <Owner item={item} mayDecide={mayDecide} name={name} />
      </td>
    </tr>
  );
}

/** @returns A wait in whole minutes, so that the part stays the same from one poll to the next. */
function waitText(seconds: number): string {
  return seconds < 60 ? "under 1 min" : durationText(seconds - (seconds % 60)).replace(/ 0 (?:s|min|h)$/, "");
}

function Owner({ item, mayDecide, name }: { item: ReviewItemView; mayDecide: boolean; name: string }) {
  const { owner, mine, decisions, call } = item;
  const assign = mayDecide && decisions.length > 0;
  return (
    <>
      {owner === null ? assign ? null : "nobody" : mine ? "you" : <Quoted text={owner} />}
      {assign && (owner === null || mine) ? (
        <button type="submit" class="quiet" form="assign" name={mine ? "give" : "take"} value={call.id}>
          {mine ? "Give back" : "Take on"}
          <span class="unseen"> {name}</span>
        </button>
      ) : null}
    </>
  );
}

function QueueFilters({ filter, items }: { filter: QueueFilter; items: ReviewQueue["data"] }) {
  const reasons = [...new Set([...items.flatMap(({ call }) => call.reason ?? []), filter.reason ?? ""])].filter(
    Boolean,
  );
  const fields = [
    { name: "status", label: "Status", choices: ["held", "review", "unknown"].map((one) => [one, plain(one)]) },
    { name: "reason", label: "Reason", choices: reasons.sort().map((one) => [one, plain(one)]) },
    {
      name: "owner",
      label: "Owner",
      choices: [
        ["me", "Me"],
        ["none", "Nobody"],
      ],
    },
  ] as const;
  return (
    <form method="get" action="/review" class="filter" aria-label="Filter">
      {fields.map(({ name, label, choices }) => (
        <p>
          <label for={`queue-${name}`}>{label}</label>
          <select id={`queue-${name}`} name={name}>
            <option value="">Any</option>
            {choices.map(([value, text]) => (
              <option value={value} {...(filter[name] === value ? { selected: true } : {})}>
                {text}
              </option>
            ))}
          </select>
        </p>
      ))}
      <button type="submit" class="quiet">
        Filter
      </button>
    </form>
  );
}
