"use client";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import Link from "next/link";
import { useLayoutEffect, useRef, useState } from "react";
import { statusWord } from "../../../core/health.ts";
import { formatDuration } from "../../components/duration.ts";
import { Glyph } from "../../components/glyph.tsx";
import type { Tile } from "./tile-model.ts";

const ROW_HEIGHT = 53;

/** The grid on a phone: one line an instance; only the lines on the screen are in the page. */
export function TileList({ tiles }: { tiles: readonly Tile[] }) {
  const list = useRef<HTMLUListElement>(null);
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => setOffset((list.current?.getBoundingClientRect().top ?? 0) + window.scrollY), [tiles.length]);
  const virtual = useWindowVirtualizer({ count: tiles.length, estimateSize: () => ROW_HEIGHT, overscan: 8, scrollMargin: offset });
  return (
    <ul ref={list} className="fl-list" style={{ height: virtual.getTotalSize() }}>
      {virtual.getVirtualItems().map((item) => {
        const tile = tiles[item.index];
        return tile === undefined ? null : (
          <li
            key={tile.key}
            aria-setsize={tiles.length}
            aria-posinset={item.index + 1}
            style={{ height: item.size, transform: `translateY(${String(item.start - offset)}px)` }}
          >
            <Link prefetch={false} href={`/services/${encodeURIComponent(tile.service)}`}>
              <Glyph status={tile.status} size={16} />
              <span className="hf-grow">
                <b>{tile.name}</b>
                <span className="hf-hint">
                  {statusWord(tile.status)}
                  {tile.worst === "" ? "" : `, ${tile.worst}`}
                  {tile.status === "stale" || tile.status === "offline" ? ` for ${formatDuration(tile.ageMs ?? 0)}` : ""}
                </span>
              </span>
              <span className="hf-figure">{tile.requests === null ? "" : `${String(Math.round(tile.requests))}/s`}</span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
