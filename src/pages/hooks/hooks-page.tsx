import type { deliveryView, hookView, wholeDeliveryView } from "../../views/hooks/hook.ts";
import { groupedNumber } from "../../views/numbers.ts";
import type { Reader } from "../../views/reader.ts";
import { indented } from "../events/indented.ts";
import { Trail } from "../forms/act.tsx";
import { Layout } from "../frame/layout.tsx";
import { Live } from "../frame/live.tsx";
import { Quoted, Sentence, Time } from "../parts/bits.tsx";
import { Moment } from "../parts/moment.tsx";
import { NoValue, OlderLink, RowsTable } from "../parts/rows.tsx";
import { visible } from "../parts/visible.ts";
import { plain } from "../parts/words.ts";

export type HookRead = ReturnType<typeof hookView>;
export type DeliveryRead = ReturnType<typeof deliveryView>;
export type WholeDeliveryRead = ReturnType<typeof wholeDeliveryView>;

function HookState({ hook }: { hook: HookRead }) {
  if (hook.state !== "active")
    return <span class={`status ${hook.state === "disabled" ? "warn" : "still"}`}>{hook.state}</span>;
  return hook.failing_since === null ? (
    <span class="status good">active</span>
  ) : (
    <span class="status warn">failing</span>
  );
}

const deliveryTones = { pending: "busy", delivered: "good", given_up: "warn", missed: "warn" } as const;

function DeliveryState({ delivery: { state, reason } }: { delivery: DeliveryRead }) {
  return (
    <span class={`status ${deliveryTones[state]}`}>
      {plain(state)}
      {reason === null ? null : <span class="outcome">{plain(reason)}</span>}
    </span>
  );
}

const formatWords = { webhook: "signed webhooks", slack: "messages for Slack", email: "e-mails" } as const;
const payloadWords = {
  full: "whole, without numbers and texts",
  full_with_pii: "whole, with numbers and texts",
  thin: "ids and a link",
} as const;

/** The receiver's answer to the newest try. */
function LastAnswer({ hook: { last_try }, isShort = false }: { hook: HookRead; isShort?: boolean }) {
  if (last_try === null) return <NoValue word="none yet" />;
  const { at, status, error_text } = last_try;
  const answer = status === null ? "no answer" : `answered ${status}`;
  if (isShort)
    return (
      <>
        {answer}
        <span class="sub">
          <Moment at={at} />
        </span>
      </>
    );
  return (
    <>
      {answer}, <Moment at={at} />
      {error_text === null ? null : (
        <span class="sub">
          <Sentence text={error_text} />
        </span>
      )}
    </>
  );
}

/** All hooks that the reader may see. */
export function HooksPage({ reader, hooks }: { reader: Reader; hooks: readonly HookRead[] }) {
  return (
    <Layout title="Hooks" reader={reader}>
      <div class="title-row">
        <h1>Hooks</h1>
        <p class="acts">
          <a class="button quiet" href="/hooks/new">
            New hook
          </a>
        </p>
      </div>
      <p class="lead">A hook is an address that is told when calls change.</p>
      {hooks.length === 0 ? (
        <p class="empty">
          {reader.scopes.includes("admin")
            ? "There is no hook yet. Make one for each program that needs to know about calls: a help desk, Zapier, n8n."
            : `No hook of ${visible(reader.name)} yet. “New hook” makes one. Hooks of others are not shown.`}
        </p>
      ) : (
        <Live id="hook-list" path="/hooks" label="State of the hooks">
          <RowsTable
            label="Hooks"
            columns={["Receiver", "State", "Last answer", "Next try", "Waiting", "Events", "Owner"]}
            rows={hooks.map((hook) => ({
              href: `/hooks/${hook.id}`,
              cells: [
                <>
                  <Quoted text={hook.target_url} />
                  {hook.description === null ? null : (
                    <span class="sub">
                      <Quoted text={hook.description} />
                    </span>
                  )}
                </>,
                <HookState hook={hook} />,
                <LastAnswer hook={hook} isShort={true} />,
                hook.next_at === null ? <NoValue /> : <Moment at={hook.next_at} />,
                hook.pending === 0 ? <NoValue /> : groupedNumber(hook.pending),
                hook.events.join(", "),
                <Quoted text={hook.owner} />,
              ],
            }))}
          />
        </Live>
      )}
    </Layout>
  );
}

type HookProps = { reader: Reader; hook: HookRead; deliveries: readonly DeliveryRead[]; next: string | null };

/** One hook with its newest deliveries. */
export function HookPage({ reader, hook, deliveries, next }: HookProps) {
  const path = `/hooks/${hook.id}`;
  const acts = [
    hook.state === "active" ? ["pause", "Pause"] : ["resume", "Resume"],
    ["test", "Send a test"],
    ["redeliver", "Redeliver"],
    ["rotate", "New secret"],
    ["remove", "Remove"],
  ];
  return (
    <Layout title="Hook" reader={reader}>
      <Trail path="/hooks" name="Hooks" />
      <section class="headline" aria-labelledby="hook">
        <h1 id="hook">
          <Quoted text={hook.target_url} />
        </h1>
        <p class="acts">
          {acts.map(([verb, name]) => (
            <a class="button quiet" href={`${path}/${verb}`}>
              {name}
            </a>
          ))}
        </p>
      </section>
      <Live id="hook-now" path={path} label="State and deliveries">
        <p>
          <HookState hook={hook} />
        </p>
        {hook.last_try === null ? null : (
          <p>
            Last try: <LastAnswer hook={hook} />
          </p>
        )}
        {hook.reason_text === null ? null : (
          <p class="why">
            <Sentence text={hook.reason_text} />
            {hook.detail === null ? null : (
              <>
                {" "}
                “<Quoted text={hook.detail} />”
              </>
            )}{" "}
            Since <Time at={hook.since ?? ""} />.
          </p>
        )}
        <p class="lead">
          It gets {hook.events.join(", ")}: {formatWords[hook.format]}, {payloadWords[hook.payload]}
          {hook.when === null ? "" : ", if "}
          {hook.when === null ? null : (
            <code>
              <Quoted text={hook.when} />
            </code>
          )}
          .
        </p>
        <h2>Deliveries</h2>
        {deliveries.length === 0 ? (
          <p class="empty">Nothing was delivered yet.</p>
        ) : (
          <RowsTable
            label="Deliveries"
            columns={["Event", "State", "Tries", "Next try", "Made"]}
            rows={deliveries.map((delivery) => ({
              href: `/hooks/deliveries/${delivery.id}`,
              cells: [
                delivery.type,
                <DeliveryState delivery={delivery} />,
                String(delivery.tries),
                delivery.next_at === null || hook.state !== "active" ? <NoValue /> : <Moment at={delivery.next_at} />,
                <Time at={delivery.created_at} />,
              ],
            }))}
          />
        )}
        <OlderLink path={path} next={next} />
      </Live>
    </Layout>
  );
}

/** One delivery with its tries. */
export function DeliveryPage({ reader, delivery }: { reader: Reader; delivery: WholeDeliveryRead }) {
  return (
    <Layout title="Delivery" reader={reader}>
      <Trail path="/hooks" name="Hooks">
        <a href={`/hooks/${delivery.hook}`}>The hook</a>
      </Trail>
      <div class="title-row">
        <h1>{delivery.type}</h1>
        {delivery.state === "pending" ? null : (
          <p class="acts">
            <a class="button quiet" href={`/hooks/deliveries/${delivery.id}/redeliver`}>
              Send once more
            </a>
          </p>
        )}
      </div>
      <p>
        <DeliveryState delivery={delivery} />
      </p>
      <p>
        Made <Time at={delivery.created_at} />.{" "}
        {delivery.reason_text === null ? null : <Sentence text={delivery.reason_text} />}{" "}
        {delivery.call === null ? null : <a href={`/calls/${delivery.call}`}>The call</a>}
      </p>
      <h2>Tries</h2>
      {delivery.history.length === 0 ? (
        <p class="empty">It was not tried yet.</p>
      ) : (
        <ul class="plain">
          {delivery.history.map(({ nth, at, ms, status, error_text, answer }) => (
            <li>
              Try {nth}, <Time at={at} />: {status === null ? "no answer" : `answered ${status}`} after {ms} ms.{" "}
              {error_text === null ? null : <Sentence text={error_text} />}
              {answer === null || answer === "" ? null : (
                <pre class="passage">
                  <Quoted text={answer} />
                </pre>
              )}
            </li>
          ))}
        </ul>
      )}
      <h2>Body, indented for reading</h2>
      {delivery.body === null ? (
        <p>The body is erased.</p>
      ) : (
        <pre class="passage">
          <Quoted text={indented(delivery.body)} />
        </pre>
      )}
    </Layout>
  );
}
