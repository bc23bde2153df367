"use client";
import { useCallback, useRef, useState } from "react";

const SHOWN_MS = 4000;

export interface NoticeText {
  readonly text: string;
  /** A new one, even with the same words. */
  readonly id: number;
}

/** One short word about what was just done. The newest replaces the one before and goes by itself. */
export function useNotice(): { readonly notice: NoticeText | null; readonly say: (text: string) => void } {
  const [notice, setNotice] = useState<NoticeText | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const say = useCallback((text: string) => {
    clearTimeout(timer.current);
    setNotice((before) => ({ text, id: (before?.id ?? 0) + 1 }));
    timer.current = setTimeout(() => setNotice(null), SHOWN_MS);
  }, []);
  return { notice, say };
}

export function Notice({ notice }: { readonly notice: NoticeText | null }) {
  return (
    <div className="fr-notice" role="status">
      {notice === null ? null : <p key={notice.id}>{notice.text}</p>}
    </div>
  );
}
