/** What incidents are found by. In lower case and without the signs that mean something to a search, so that every database finds the same. */
import { unmarked } from "../isolated.ts";
import type { Incident } from "./incident.ts";
import { symptomTitle } from "./words.ts";

type Sought = Pick<Incident, "number" | "title" | "assignee" | "services" | "symptoms">;

/** `%`, `_` and the backslash mean something in a LIKE, in each database something else: signs of nobody's stand for them. */
const plain = (text: string): string =>
  unmarked(text).toLowerCase().replaceAll("%", "\ue000").replaceAll("_", "\ue001").replaceAll("\\", "\ue002");

/** Everything that words are looked for in, line by line. */
export function searchText({ number, title, assignee, services, symptoms }: Sought): string {
  return plain([`#${number}`, title, assignee ?? "", ...services, ...symptoms.map(symptomTitle)].join("\n"));
}

/** Names between line breaks; `serviceMark` of one is in it only when it is there as a whole, for no name has a line break. */
export const servicesText = (services: readonly string[]): string => (services.length === 0 ? "" : serviceMark(services.join("\n")));
export const serviceMark = (service: string): string => plain(`\n${service}\n`);

/** Words that must all be there. */
export const searchWords = (text: string): readonly string[] => plain(text).split(/\s+/).filter(Boolean);
