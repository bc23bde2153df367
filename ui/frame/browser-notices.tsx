"use client";
import { useRouter } from "next/navigation";
import { useEffect, useRef } from "react";
import { useEvents } from "../live/hooks.ts";
import { useLiveStore } from "../live/live-provider.tsx";
import { noticesOf } from "./browser-notice-model.ts";
import { useBrowserNotices } from "./use-browser-notices.ts";
import { useEnvironment } from "./environment.tsx";

/** Tells of incidents by the browser's own notifications while the page is not looked at, if this browser was asked to. Draws nothing. */
export function BrowserNotices() {
  const { state } = useBrowserNotices();
  const { environment } = useEnvironment();
  const store = useLiveStore();
  const { events } = useEvents();
  const router = useRouter();
  const seen = useRef(0);
  useEffect(() => {
    const seenId = seen.current;
    seen.current = Math.max(seenId, events[0]?.id ?? 0);
    if (state !== "on" || document.visibilityState !== "hidden") return;
    for (const { tag, title, body, href } of noticesOf(events, { environment, seenId, now: store.liveNow() })) {
      const notice = new Notification(title, { body, tag });
      notice.onclick = () => {
        window.focus();
        notice.close();
        router.push(href);
      };
    }
  }, [events, state, environment, store, router]);
  return null;
}
