"use client";
import { useState } from "react";
import { Button, type ButtonTone } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { FilterField } from "../../components/filter-field.tsx";
import { HoldButton } from "../../components/hold-button.tsx";
import { Kbd } from "../../components/kbd.tsx";
import { Segmented } from "../../components/segmented.tsx";
import { Select } from "../../components/select.tsx";
import { Sheet } from "../../components/sheet.tsx";
import { Shelf } from "./shelf.tsx";

const TONES: readonly ButtonTone[] = ["primary", "default", "quiet", "danger"];
const CHOICES = ["one", "two", "three"] as const;
const REFUSAL = "You are a viewer. Ask an operator.";

/** What people press, choose and type. */
export function ActBench() {
  const [choice, setChoice] = useState<(typeof CHOICES)[number]>("one");
  const [filter, setFilter] = useState("");
  const [open, setOpen] = useState(false);
  const [held, setHeld] = useState(0);
  return (
    <>
      <Shelf name="Button">
        {TONES.map((tone) => (
          <Button key={tone} tone={tone}>
            {tone}
          </Button>
        ))}
        <Button aria-pressed>pressed</Button>
        <Button disabled>disabled</Button>
        <Button tone="primary" refusal={REFUSAL}>
          refused
        </Button>
      </Shelf>
      <Shelf name="HoldButton" stacked>
        <HoldButton onHeld={() => setHeld(held + 1)}>
          Put recommendations to popular{held === 0 ? "" : `, held ${String(held)}×`}
        </HoldButton>
        <HoldButton refusal={REFUSAL} onHeld={() => undefined}>
          Put recommendations to popular
        </HoldButton>
      </Shelf>
      <Shelf name="Segmented">
        <Segmented label="Chosen" value={choice} options={CHOICES.map((value) => ({ value, label: value }))} onChange={setChoice} />
        <Segmented label="None chosen" value={null} options={CHOICES.map((value) => ({ value, label: value }))} onChange={setChoice} />
        <Segmented
          label="Disabled"
          value={choice}
          options={CHOICES.map((value) => ({ value, label: value, disabled: value === "two" }))}
          onChange={setChoice}
        />
      </Shelf>
      <Shelf name="Select, FilterField, Kbd">
        <Select label="Group by" value={choice} options={CHOICES.map((value) => ({ value, label: value }))} onChange={setChoice} />
        <FilterField label="Filter" value={filter} onChange={setFilter} />
        <Kbd>g</Kbd>
        <Kbd>⌘ K</Kbd>
      </Shelf>
      <Shelf name="Field" stacked>
        <Field label="Empty" placeholder="orders, payments" />
        <Field label="With a hint" hint="who will hold it: a team, a cluster" defaultValue="shop" />
        <Field label="Wrong" error="Say why, in at least 3 characters." defaultValue="x" />
        <Field label="Disabled" disabled defaultValue="fixed" />
      </Shelf>
      <Shelf name="Sheet">
        <Button onClick={() => setOpen(true)}>Open a sheet</Button>
        <Sheet
          open={open}
          onClose={() => setOpen(false)}
          title="Recommendations"
          description="In the theme of the page."
          footer={<Button tone="primary">Preview</Button>}
        >
          {Array.from({ length: 40 }, (_, i) => (
            <p key={i}>Line {i + 1}: what is longer than the screen scrolls inside.</p>
          ))}
        </Sheet>
      </Shelf>
    </>
  );
}
