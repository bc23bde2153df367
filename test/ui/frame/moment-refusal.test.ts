import { describe, expect, it } from "vitest";
import { momentRefusal } from "../../../ui/frame/moment-refusal.ts";

describe("acting on a picture that is not of now", () => {
  it("is refused with the reason: not heard any more, or paused by hand", () => {
    expect(momentRefusal("lost", false)).toMatch(/not live: what it shows may be over/);
    expect(momentRefusal("lost", true)).toBe(momentRefusal("lost", false));
    expect(momentRefusal("live", true)).toMatch(/paused\. Resume it/);
  });

  it("is no matter while the picture is live, and before it ever was", () => {
    expect(momentRefusal("live", false)).toBeUndefined();
    expect(momentRefusal("connecting", false)).toBeUndefined();
  });
});
