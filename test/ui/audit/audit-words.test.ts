import { describe, expect, it } from "vitest";
import { AUDIT_ACTIONS } from "../../../protocol/audit.ts";
import type { AuditEntry } from "../../../protocol/audit-api.ts";
import {
  ACTION_GROUPS,
  ACTION_WORDS,
  actionWords,
  actorWords,
  faultWords,
  placeWords,
  targetWords,
  utcTime,
} from "../../../ui/screens/audit/audit-words.ts";
import { fromUtcField, toUtcField } from "../../../ui/screens/audit/utc-field.ts";

const entry = (changes: Partial<AuditEntry> = {}): AuditEntry => ({
  ...{ seq: 7, at: Date.UTC(2026, 10, 15, 14, 4, 38, 120), role: "operator", source: "console", address: null, requestId: null },
  ...{ action: "flip.created", before: null, after: { position: "popular" }, reason: null, incident: null, flipId: null },
  ...{ outcome: "done", code: null, previous: "0".repeat(64), hash: "1".repeat(64) },
  actor: { kind: "user", id: "u1", name: "Ada" },
  target: { environment: "production", service: "storefront", thing: "recommendations" },
  ...changes,
});
const says = (one: AuditEntry): string => `${actorWords(one)} ${actionWords(one)} ${targetWords(one)}`;

describe("an audit entry in words", () => {
  it("reads as a sentence", () => {
    expect(says(entry())).toBe("Ada flipped recommendations → popular");
    expect(
      says(entry({ action: "user.changed", target: { environment: null, service: null, thing: "Bo" }, after: { role: "admin" } })),
    ).toBe("Ada changed the account of Bo → admin");
    expect(says(entry({ action: "incident.merged", incident: 12, after: { status: "merged" } }))).toBe(
      "Ada merged incident #12 recommendations",
    );
    expect(says(entry({ actor: { kind: "system", id: null, name: "system" }, action: "flip.expired" }))).toBe(
      "the console ended flip of recommendations",
    );
    expect(actorWords(entry({ actor: { kind: "cli", id: null, name: "root" } }))).toBe("root at the command line");
  });

  it("has words for every action, and a filter that finds each", () => {
    expect(Object.keys(ACTION_WORDS).sort()).toEqual([...AUDIT_ACTIONS].sort());
    for (const action of AUDIT_ACTIONS)
      expect(
        ACTION_GROUPS.filter(({ value }) => action.startsWith(value)),
        action,
      ).toHaveLength(1);
  });

  it("says what it does not know as it is", () => {
    expect(actionWords({ action: "moon.landed" as AuditEntry["action"] })).toBe("moon.landed");
  });

  it("says where it was, leaving out what is nowhere", () => {
    expect(placeWords(entry())).toBe("storefront in production");
    expect(placeWords(entry({ target: { environment: "staging", service: null, thing: null } }))).toBe("staging");
    expect(placeWords(entry({ target: { environment: null, service: null, thing: null } }))).toBe("");
  });

  it("tells times in UTC, whatever the zone of the reader", () => {
    expect(utcTime(entry().at)).toBe("2026-11-15 14:04:38.120");
    expect(toUtcField(entry().at)).toBe("2026-11-15T14:04");
    expect(fromUtcField("2026-11-15T14:04")).toBe(Date.UTC(2026, 10, 15, 14, 4));
    expect(fromUtcField("")).toBeNull();
    expect(fromUtcField("yesterday")).toBeNull();
  });

  it("names the entry that does not fit", () => {
    expect(faultWords({ seq: 4, what: "changed" })).toBe("Entry 4 was changed after it was written");
  });
});
