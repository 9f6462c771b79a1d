/** Small components shared by several pages. */
import { apiSource } from "../../domain/plan/direct-call.ts";
import { explain } from "../../domain/reasons.ts";
import type { CallView, WaitView } from "../../views/calls/call.ts";
import { timeText } from "../../views/times.ts";
import { pageWords } from "../page-words.ts";
import { useViewer } from "../viewer.ts";
import { visible } from "./visible.ts";
import { besideStatus, plain, toneOf } from "./words.ts";

/**
 * Foreign text. It is isolated, so that its direction does not affect the surrounding text, and hidden characters are
 * made visible.
 */
export function Quoted({ text }: { text: string }) {
  return <bdi>{visible(text)}</bdi>;
}

/**
 * A stored text with its line breaks. A customer's words in it are marked and isolated: right-to-left letters must not
 * move a mark or the words outside it.
 */
export function Passage({ text }: { text: string }) {
  const parts = visible(text).split(/(«[^«»]*»)/);
  return (
    <blockquote class="passage" dir="auto">
      {parts.map((part) => (part.startsWith("«") ? <bdi>{part}</bdi> : part))}
    </blockquote>
  );
}

/** A time in the viewer's zone. Pointing at it shows the same in UTC. */
export function Time({ at, precision = "seconds" }: { at: string; precision?: "seconds" | "minutes" }) {
  const { zone } = useViewer();
  const title = zone === "UTC" ? {} : { title: timeText(at, "seconds") };
  return (
    <time datetime={at} {...title}>
      {timeText(at, precision, zone)}
    </time>
  );
}

/** A call's status with its outcome or its reason in short. The meaning never depends on colour alone. */
export function Status({ call }: { call: CallView }) {
  const beside = besideStatus(call);
  return (
    <span class={`status ${toneOf(call)}`}>
      {plain(call.status)}
      {beside === null ? null : (
        <span class="outcome">
          <Quoted text={beside} />
        </span>
      )}
    </span>
  );
}

/** A note that data is hidden from this reader. */
export function Hidden({ what }: { what: string }) {
  return (
    <p class="note">
      {what} are hidden: this token lacks the scope <code>pii:read</code>.
    </p>
  );
}

/** The reason why a call or an event waits, since when and until when. */
export function Waits({ waits }: { waits: WaitView }) {
  return (
    <>
      <Sentence text={waits.reason_text} />
      {waits.detail === null ? null : (
        <>
          {" "}
          “<Quoted text={waits.detail} />”
        </>
      )}
      {waits.since === null ? null : (
        <>
          {" "}
          Since <Time at={waits.since} />.
        </>
      )}
      {waits.until === null ? null : (
        <>
          {" "}
          Until <Time at={waits.until} />.
        </>
      )}
    </>
  );
}

/** A stored reason in words. */
export function Reason({ code }: { code: string }) {
  return <Sentence text={explain(code)} />;
}

/**
 * A sentence of our own in the pages' words, with code in backticks, and with links to the pages that it names.
 *
 * @param inLink Whether the whole sentence is a link, which no other link may stand in.
 */
export function Sentence({ text, inLink = false }: { text: string; inLink?: boolean }) {
  const { scopes } = useViewer();
  return (
    <bdi>
      {pageWords(visible(text)).map((part) => {
        if (part.kind === "code") return <code>{part.text}</code>;
        if (part.kind === "link" && !inLink && part.anyOf.some((scope) => scopes.includes(scope)))
          return <a href={part.href}>{part.text}</a>;
        return part.text;
      })}
    </bdi>
  );
}

/** @returns The address of a rule's page. */
export function rulePagePath(source: string, rule: string): string {
  return `/sources/${encodeURIComponent(source)}/rules/${encodeURIComponent(rule)}`;
}

/** A link to the rule that made a call. Nothing for a direct call, which has none. */
export function RuleLink({ source, rule, lead }: { source: string; rule: string; lead: string }) {
  if (source === apiSource) return null;
  return (
    <span class="by">
      {lead}{" "}
      <a href={rulePagePath(source, rule)}>
        <Quoted text={rule} />
      </a>
    </span>
  );
}
