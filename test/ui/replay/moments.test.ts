import { describe, expect, it } from "vitest";
import { absoluteLink, momentOf, viewOf } from "../../../ui/frame/links.ts";
import { isoOf, rangeOf, rangeText, typedMoment, utcClock } from "../../../ui/replay/moments.ts";
import { offsetWords } from "../../../ui/frame/replay-words.ts";

const NOW = Date.UTC(2026, 10, 21, 14, 30, 0);

describe("a typed moment", () => {
  it("is a time of day in UTC, of yesterday when it has not come yet", () => {
    expect(typedMoment("14:02 utc", NOW)).toBe(Date.UTC(2026, 10, 21, 14, 2));
    expect(typedMoment("14:02:10z", NOW)).toBe(Date.UTC(2026, 10, 21, 14, 2, 10));
    expect(typedMoment("23:00 UTC", NOW)).toBe(Date.UTC(2026, 10, 20, 23, 0));
  });

  it("is a local time of day otherwise", () => {
    const at = typedMoment("9:05", NOW);
    expect(at).not.toBeNull();
    const date = new Date(at ?? 0);
    expect([date.getHours(), date.getMinutes(), date.getSeconds()]).toEqual([9, 5, 0]);
    expect(at).toBeLessThanOrEqual(NOW);
  });

  it("is so long ago", () => {
    expect(typedMoment("5m ago", NOW)).toBe(NOW - 300_000);
    expect(typedMoment("90 s", NOW)).toBe(NOW - 90_000);
    expect(typedMoment("-2h", NOW)).toBe(NOW - 7_200_000);
  });

  it("is a date with a time", () => {
    expect(typedMoment("2026-11-20 14:02 utc", NOW)).toBe(Date.UTC(2026, 10, 20, 14, 2));
    expect(typedMoment("2026-11-20T14:02:10Z", NOW)).toBe(Date.UTC(2026, 10, 20, 14, 2, 10));
  });

  it.each(["", "soon", "25:00", "14:61", "5 parsecs", "2026-99-99"])("is not %j", (text) => expect(typedMoment(text, NOW)).toBeNull());
});

describe("moments in addresses", () => {
  it("are written in UTC and read back", () => {
    expect(isoOf(NOW)).toBe("2026-11-21T14:30:00Z");
    expect(momentOf(isoOf(NOW))).toBe(NOW);
    expect(utcClock(NOW + 10_000)).toBe("14:30:10");
    const range = { from: NOW, to: NOW + 50_000 };
    expect(rangeOf(rangeText(range))).toEqual(range);
    expect(rangeOf("2026-11-21T14:30:00Z..2026-11-21T14:29:00Z")).toBeNull();
    expect(rangeOf(null)).toBeNull();
  });

  it("replace the one that was there when a link is copied, and are not part of a saved view", () => {
    const href = "https://console/services/orders?at=2026-11-21T13:00:00Z&loop=a..b&speed=5&q=x";
    expect(absoluteLink(href, { environment: "staging", now: NOW + 400 })).toContain("at=2026-11-21T14%3A30%3A00Z");
    expect(viewOf(href)).toBe("/services/orders?q=x");
  });

  it("are told by their distance", () => {
    expect(offsetWords(-38_000)).toBe("38 s before");
    expect(offsetWords(130_000)).toBe("2:10 after");
    expect(offsetWords(-400)).toBe("at this moment");
  });
});
