"use client";
import { useState } from "react";
import { ProblemError } from "../../api/client.ts";
import { Button } from "../../components/button.tsx";
import { Countdown } from "../../components/countdown.tsx";
import { Empty } from "../../components/empty.tsx";
import { ErrorNote } from "../../components/error-note.tsx";
import { Panel } from "../../components/panel.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { Table, type TableColumn } from "../../components/table.tsx";
import { Shelf } from "./shelf.tsx";

interface Row {
  readonly name: string;
  readonly calls: number;
}
const COLUMNS: readonly TableColumn<Row>[] = [
  { key: "name", title: "Instance", cell: ({ name }) => name },
  { key: "calls", title: "Calls", figure: true, cell: ({ calls }) => calls.toLocaleString("en") },
];
const rowsOf = (count: number): readonly Row[] =>
  Array.from({ length: count }, (_, i) => ({ name: `orders-${String(i + 1)}`, calls: (i * 7919) % 4001 }));
const SIZES = [0, 3, 400] as const;

const PROBLEM = new ProblemError({
  type: "about:blank",
  title: "The request is not valid",
  status: 422,
  code: "request_invalid",
  detail: "Two fields cannot be used as sent.",
  retryable: false,
  requestId: "7f3c",
  errors: [
    { path: "reason", message: "say why, in at least 3 characters" },
    { path: "expiresInSeconds", message: "at least 60" },
  ],
});

/** What is read: lists, boxes, times, and what there is instead. */
export function ListBench() {
  const [now] = useState(() => Date.now());
  const [size, setSize] = useState<(typeof SIZES)[number]>(3);
  return (
    <>
      <Shelf name="Table: empty, some, long" stacked>
        <div className="hf-row">
          {SIZES.map((each) => (
            <Button key={each} aria-pressed={size === each} onClick={() => setSize(each)}>
              {each} rows
            </Button>
          ))}
        </div>
        <Table label={`${String(size)} instances`} columns={COLUMNS} rows={rowsOf(size)} rowKey={({ name }) => name} />
      </Shelf>
      <Shelf name="Panel" stacked>
        <Panel title="Titled" hint="with a hint" aside={<Button tone="quiet">aside</Button>}>
          <p className="wb-pad">What is in it.</p>
        </Panel>
        <Panel>
          <p className="wb-pad">Without a title.</p>
        </Panel>
      </Shelf>
      <Shelf name="Countdown, RelativeTime">
        <Countdown at={now + 42_000} />
        <Countdown at={now + 5_000_000} />
        <Countdown at={now - 1_000} />
        <RelativeTime at={now} />
        <RelativeTime at={now - 200_000} />
      </Shelf>
      <Shelf name="ErrorNote" stacked>
        <ErrorNote error={PROBLEM} />
        <ErrorNote error={new Error("The drawing failed.")} />
        <ErrorNote error={"unknown"} />
      </Shelf>
      <Shelf name="Empty" stacked>
        <Empty title="No agent has connected yet">
          <p>What would be here, and the next step.</p>
        </Empty>
      </Shelf>
    </>
  );
}
