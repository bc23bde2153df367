"use client";
import { FlaskConical, Rocket, Siren, SlidersHorizontal, ToggleRight, type LucideIcon } from "lucide-react";
import Link from "next/link";
import { Popover } from "radix-ui";
import { memo, useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { changeMarks, CHANGE_WORDS, markWords, type Change, type ChangeKind, type ChangeMark } from "./changes.ts";
import { formatClock, formatUtc } from "./format.ts";
import { useChangesCutAt } from "./time-axis.tsx";
import { percent, shareOf, type TimeSpan } from "./time-window.ts";
import "./time.css";

const ICONS: Readonly<Record<ChangeKind, LucideIcon>> = {
  flip: ToggleRight,
  policy: SlidersHorizontal,
  deploy: Rocket,
  drill: FlaskConical,
  incident: Siren,
};
/** Which kind a mark of several is drawn as: the rarest first. */
const WEIGHT: readonly ChangeKind[] = ["incident", "deploy", "drill", "flip", "policy"];
/** Beyond this share a mark of several reaches to the left, so that it stays inside. */
const NEAR_END = 0.93;
/** Before it is measured. */
const USUAL_PX = 320;

interface MarkersProps {
  readonly changes: readonly Change[];
  readonly window: TimeSpan;
}

/** Marks of what was changed, one place in the order of focus for all of them: arrow keys go from mark to mark, Enter tells who did what. */
export const ChangeMarkers = memo(function ChangeMarkers({ changes, window }: MarkersProps) {
  const box = useRef<HTMLDivElement>(null);
  const widthPx = useWidth(box);
  const { from, to } = window;
  const marks = useMemo(() => changeMarks(changes, { from, to }, widthPx), [changes, from, to, widthPx]);
  const [open, setOpen] = useState<string | null>(null);
  const [focused, setFocused] = useState<string | null>(null);
  const anchor = useRef<HTMLButtonElement | null>(null);
  const shown = marks.find(({ key }) => key === open) ?? null;
  const stop = marks.some(({ key }) => key === focused) ? focused : (marks.at(-1)?.key ?? null);
  const go = (event: KeyboardEvent<HTMLDivElement>): void => {
    const at = marks.findIndex(({ key }) => key === stop);
    const next = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: marks.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const button = box.current?.querySelectorAll("button")[Math.min(marks.length - 1, Math.max(0, next))];
    button?.focus();
  };
  return (
    <div ref={box} className="ch-marks" {...(marks.length === 0 ? {} : { role: "group", "aria-label": "Changes" })} onKeyDown={go}>
      <Unread window={window} />
      {marks.map((mark) => (
        <MarkButton
          key={mark.key}
          mark={mark}
          stop={mark.key === stop}
          open={mark.key === open}
          onFocus={() => setFocused(mark.key)}
          onOpen={(button) => {
            anchor.current = button;
            setOpen(mark.key === open ? null : mark.key);
          }}
        />
      ))}
      <Popover.Root open={shown !== null} onOpenChange={(on) => !on && setOpen(null)}>
        <Popover.Anchor
          virtualRef={{ current: { getBoundingClientRect: () => anchor.current?.getBoundingClientRect() ?? new DOMRect() } }}
        />
        {shown === null ? null : <MarkPopover mark={shown} anchor={anchor} />}
      </Popover.Root>
    </div>
  );
});

/** There were more changes than are read: hatched where some are missing, and said in words. */
function Unread({ window }: { readonly window: TimeSpan }) {
  const cutAt = useChangesCutAt();
  if (cutAt === null || cutAt <= window.from) return null;
  const words = `not every change before ${formatClock(cutAt)} is shown`;
  return (
    <span className="ch-unread" style={{ width: percent(Math.min(1, shareOf(cutAt, window))) }} title={words}>
      <span>{words}</span>
    </span>
  );
}

interface MarkButtonProps {
  readonly mark: ChangeMark;
  readonly stop: boolean;
  readonly open: boolean;
  readonly onFocus: () => void;
  readonly onOpen: (button: HTMLButtonElement) => void;
}

function MarkButton({ mark, stop, open, onFocus, onOpen }: MarkButtonProps) {
  const kind = WEIGHT.find((candidate) => mark.changes.some((change) => change.kind === candidate)) ?? mark.changes[0].kind;
  const Icon = ICONS[kind];
  const count = mark.changes.length;
  return (
    <button
      type="button"
      className="ch-mark"
      data-kind={kind}
      data-edge={mark.left > NEAR_END}
      style={{ left: percent(mark.left) }}
      tabIndex={stop ? 0 : -1}
      aria-haspopup="dialog"
      aria-expanded={open}
      aria-label={`${formatClock(mark.at)}, ${markWords(mark)}`}
      title={`${formatClock(mark.at)} ${count === 1 ? mark.changes[0].text : markWords(mark)}`}
      onFocus={onFocus}
      onClick={(event) => onOpen(event.currentTarget)}
    >
      <Icon size={12} aria-hidden />
      {count > 1 ? <b>{count}</b> : null} {mark.roomy ? <span>{count === 1 ? CHANGE_WORDS[kind] : "changes"}</span> : null}
    </button>
  );
}

function MarkPopover({ mark, anchor }: { readonly mark: ChangeMark; readonly anchor: { readonly current: HTMLButtonElement | null } }) {
  return (
    <Popover.Portal>
      <Popover.Content
        className="ch-changes"
        side="bottom"
        align="start"
        collisionPadding={8}
        aria-label={`Changes at ${formatClock(mark.at)}`}
        onCloseAutoFocus={(event) => {
          event.preventDefault();
          anchor.current?.focus();
        }}
      >
        <ul>
          {mark.changes.map((change) => (
            <ChangeRow key={change.key} change={change} />
          ))}
        </ul>
      </Popover.Content>
    </Popover.Portal>
  );
}

/** One change: when, of which kind, what was done and by whom, and where to look further. */
export function ChangeRow({ change }: { readonly change: Change }) {
  const Icon = ICONS[change.kind];
  return (
    <li className="ch-change">
      <time dateTime={new Date(change.at).toISOString()} title={formatUtc(change.at)}>
        {formatClock(change.at)}
      </time>
      <span className="ch-change-kind" data-kind={change.kind}>
        <Icon size={12} aria-hidden /> {CHANGE_WORDS[change.kind]}
      </span>
      <span className="ch-change-text">
        {change.text}
        {change.text.includes(change.who) ? null : <span className="ch-change-who">, by {change.who}</span>}
      </span>
      {change.link === null ? null : <Link href={change.link.href}>{change.link.label}</Link>}
    </li>
  );
}

/** The same marks as lines through a drawing. */
export const ChangeLines = memo(function ChangeLines({ changes, window }: MarkersProps) {
  return changeMarks(changes, window, LINES_PX).map((mark) => (
    <span key={mark.key} className="ch-change-line" data-kind={mark.changes[0].kind} style={{ left: percent(mark.left) }} />
  ));
});

/** Lines closer than 2 px of a usual chart are one: a mark of several stands at the first of its lines. */
const LINES_PX = USUAL_PX * 12;

function useWidth(box: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(USUAL_PX);
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return width;
}
