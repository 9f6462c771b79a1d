/** Event types that senders document, to warn about rules that name an unknown one. */
import { closest, distance } from "fastest-levenshtein";

/** Similarity, as a part of the length, from which a known topic is suggested instead of an unknown one. */
const likenessMin = 0.7;

/**
 * @param separator Text between resource and action.
 * @param actions Actions of each resource, separated by blanks.
 * @returns Topics such as `orders/updated`, in the given order.
 */
export function topicsOf(separator: string, actions: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(actions).flatMap(([resource, names]) =>
    names.split(" ").map((name) => resource + separator + name),
  );
}

/** `action.*` matches every topic with this beginning. */
function isOf(topic: string, known: string): boolean {
  return known.endsWith("*") ? topic.startsWith(known.slice(0, -1)) : topic === known;
}

/**
 * @param topics Known topics; undefined if the sender's list is open, so that any topic may come.
 * @returns A warning about an unknown topic, with the most similar known one; null if the topic is known.
 */
export function topicAdvice(title: string, topics: readonly string[] | undefined, topic: string): string | null {
  if (topics === undefined || topics.some((known) => isOf(topic, known))) return null;
  const like = closest(topic.toLowerCase(), [...topics]);
  const isLike = distance(topic.toLowerCase(), like) <= (1 - likenessMin) * Math.max(topic.length, like.length);
  const unknown = `\`${topic}\` is none of the topics of ${title} that Hookline knows`;
  return isLike ? `${unknown}; did you mean \`${like}\`?` : `${unknown}: a rule with it may never call.`;
}
