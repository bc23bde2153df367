"use client";
import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import { FocusReturn } from "./focus-return.tsx";

/** A sheet from the side, or from below on a phone. Escape and the veil close it; focus stays inside and returns afterwards. */
export function Sheet({
  open,
  onClose,
  title,
  description,
  footer,
  children,
}: {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  description?: ReactNode;
  footer?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Dialog.Root open={open} onOpenChange={(next) => (next ? undefined : onClose())}>
      <Dialog.Portal>
        <Dialog.Overlay className="hf-veil" />
        <Dialog.Content className="hf-sheet" {...(description === undefined ? { "aria-describedby": undefined } : {})}>
          <FocusReturn />
          <header className="hf-sheet-head">
            <Dialog.Title className="hf-sheet-title">{title}</Dialog.Title>
            <Dialog.Close className="hf-button" data-tone="quiet" aria-label="esc, close">
              <kbd className="hf-kbd">esc</kbd>
            </Dialog.Close>
          </header>
          {description === undefined ? null : <Dialog.Description className="hf-hint">{description}</Dialog.Description>}
          <div className="hf-sheet-body">{children}</div>
          {footer === undefined ? null : <footer className="hf-sheet-foot">{footer}</footer>}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
