/** What text may travel. It is refused, not cleaned: control and direction marks of an agent never reach a screen, a log or a database. */
import { LIMITS } from "./limits.ts";

/** Control characters and bidirectional overrides; global, for replacing them. */
export const FORBIDDEN_TEXT = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** True when the text holds no control or direction-changing characters. */
export const clean = (text: string): boolean => text.search(FORBIDDEN_TEXT) < 0;

/** True when the text may travel as a name: not empty, short, without control or direction-changing characters. */
export function isName(text: string): boolean {
  return text.length > 0 && text.length <= LIMITS.nameChars && clean(text) && text.trim() === text;
}
