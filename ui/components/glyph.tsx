import { memo } from "react";
import { statusWord, type Status } from "../../core/health.ts";
import { GLYPHS, statusToken } from "./glyph-paths.ts";

interface GlyphProps {
  readonly status: Status;
  readonly size?: 12 | 14 | 16 | 20;
  readonly label?: boolean | string;
}

/** The mark of a status. With a `label` it speaks for itself; without one the word must stand beside it. */
export const Glyph = memo(function Glyph({ status, size = 14, label }: GlyphProps) {
  const colour = `var(--st-${statusToken(status)})`;
  const spoken = label === true ? statusWord(status) : label;
  return (
    <svg
      className="hf-glyph"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      data-status={status}
      {...(typeof spoken === "string" ? { role: "img", "aria-label": spoken } : { "aria-hidden": true })}
    >
      {GLYPHS[status].map((shape) => (
        <path
          key={shape.d}
          d={shape.d}
          fill={shape.paint === "fill" ? colour : "none"}
          {...(shape.paint === "stroke" ? { stroke: colour, strokeWidth: shape.width } : {})}
          {...(shape.dash ? { strokeDasharray: shape.dash.join(" ") } : {})}
        />
      ))}
    </svg>
  );
});
