"use client";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useLayoutEffect, useRef, useState, type ReactNode } from "react";

export interface TableColumn<T> {
  readonly key: string;
  readonly title: ReactNode;
  readonly cell: (row: T) => ReactNode;
  /** Figures stand right, in the mono face. */
  readonly figure?: boolean;
}

interface TableProps<T> {
  readonly label: string;
  readonly columns: readonly TableColumn<T>[];
  readonly rows: readonly T[];
  readonly rowKey: (row: T) => string;
}

/** From this many rows on only those on the screen are in the page. */
const LONG = 150;
const ROW_HEIGHT = 36;

/** A plain table that scrolls sideways in its own box on a narrow screen. */
export function Table<T>(props: TableProps<T>) {
  const { label, columns, rows } = props;
  return (
    <div className="hf-table-box" role="region" aria-label={label} tabIndex={0}>
      <table className="hf-table" aria-rowcount={rows.length + 1}>
        <caption className="hf-unseen">{label}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" data-figure={column.figure === true}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        {rows.length < LONG ? (
          <tbody>
            {rows.map((row, index) => (
              <Row key={props.rowKey(row)} row={row} index={index} columns={columns} />
            ))}
          </tbody>
        ) : (
          <LongBody {...props} />
        )}
      </table>
    </div>
  );
}

function Row<T>({ row, index, columns }: { readonly row: T; readonly index: number; readonly columns: readonly TableColumn<T>[] }) {
  return (
    <tr aria-rowindex={index + 2}>
      {columns.map((column) => (
        <td key={column.key} data-figure={column.figure === true}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

function LongBody<T>({ columns, rows, rowKey }: TableProps<T>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => setOffset((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY), []);
  const virtual = useWindowVirtualizer({ count: rows.length, estimateSize: () => ROW_HEIGHT, overscan: 12, scrollMargin: offset });
  const items = virtual.getVirtualItems();
  const above = (items[0]?.start ?? offset) - offset;
  const below = virtual.getTotalSize() - ((items.at(-1)?.end ?? offset) - offset);
  return (
    <tbody ref={body}>
      <Spacer height={above} span={columns.length} />
      {items.flatMap(({ index }) => {
        const row = rows[index];
        return row === undefined ? [] : [<Row key={rowKey(row)} row={row} index={index} columns={columns} />];
      })}
      <Spacer height={below} span={columns.length} />
    </tbody>
  );
}

function Spacer({ height, span }: { readonly height: number; readonly span: number }) {
  return height <= 0 ? null : (
    <tr aria-hidden>
      <td colSpan={span} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}
