/** A write-up as Markdown. What agents and people wrote is text in it, never markup. */
import type { WriteUp } from "../../protocol/incident-api.ts";
import { CONFIDENCE } from "./write-up.ts";
import { lasting, utc } from "./words.ts";

const plain = (text: string): string =>
  text
    .replaceAll(/[\r\n]+/g, " ")
    .replaceAll(/[\\`*_{}[\]<>()#|!~&$]/g, (mark) => `\\${mark}`)
    .replaceAll("\\<", "&lt;")
    .replaceAll("\\>", "&gt;")
    .replaceAll("\\&", "&amp;");
const bullets = (lines: readonly string[], none: string): string =>
  lines.length === 0 ? none : lines.map((line) => `- ${plain(line)}`).join("\n");
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
const number = (value: number): string => Math.round(value).toLocaleString("en-US");

export function markdownOf(story: WriteUp): string {
  const { impact, cascade, resolvedAt } = story;
  const { low, medium, high, critical } = impact.shed;
  const sections: [title: string, body: string][] = [
    ["Summary", plain(story.summary)],
    [
      "Severity",
      table(
        ["Severity", "Minutes"],
        story.severityMinutes.map(({ severity, minutes }) => [`SEV-${severity}`, String(minutes)]),
      ),
    ],
    [
      "Impact",
      `${impact.truncated ? "At least, for not everything could be read:\n\n" : ""}${table(
        ["What", "Count"],
        [
          ["Requests", number(impact.requests)],
          ["Failed requests", number(impact.errors)],
          ["Highest share of failures", impact.peakErrorPermille === null ? "unknown" : `${impact.peakErrorPermille / 10} %`],
          ["Failed calls behind breakers", number(impact.failures)],
          ["Answered at once by open breakers", number(impact.shortCircuited)],
          ["Fallbacks served", number(impact.fallbacks)],
          ["Shed: low, medium, high, critical", [low, medium, high, critical].map(number).join(", ")],
        ],
      )}`,
    ],
    ["Detection", plain(story.detection)],
    ["Trigger", plain(story.trigger)],
    [
      "Cascade",
      cascade.length === 0
        ? "Nothing was measured."
        : cascade
            .map(
              ({ title, confidence, reasons }, index) =>
                `${index + 1}. ${plain(title)} (${CONFIDENCE[confidence].toLowerCase()})\n${reasons.map((reason) => `   - ${plain(reason)}`).join("\n")}`,
            )
            .join("\n"),
    ],
    ["Contributing factors", bullets(story.contributing, "None named.")],
    [
      "Timeline",
      `${table(
        ["Time (UTC)", "Event", "Actor", "Link"],
        story.timeline.map(({ key, utc: time, title, text, actor, pinned }) => [
          time,
          `${pinned ? "**" : ""}${plain(title)}${pinned ? "**" : ""}${text === "" ? "" : `: ${plain(text)}`}`,
          plain(actor),
          `[${key}](/incidents/${encodeURIComponent(story.id)}#${key})`,
        ]),
      )}${story.timelineTruncated ? "\n\nThe timeline is longer than this." : ""}`,
    ],
    [
      "Changes and reverts",
      story.changes.length === 0
        ? "None."
        : table(
            ["Time (UTC)", "Change", "Actor", "Reverted"],
            story.changes.map((change) => [
              change.utc,
              plain(change.title),
              plain(change.actor),
              change.revertedAt === null ? "no" : utc(change.revertedAt),
            ]),
          ),
    ],
    ["What went well", bullets(story.wentWell, "Nothing named.")],
    ["What went badly", bullets(story.wentBadly, "Nothing named.")],
    ["Where we got lucky", bullets(story.lucky, "Nothing named.")],
    [
      "Actions",
      story.actions.length === 0
        ? "None."
        : table(
            ["Action", "Type", "Owner", "Link"],
            story.actions.map(({ text, type, owner, link }) => [
              plain(text),
              type,
              plain(owner ?? ""),
              link === null ? "" : `<${encodeURI(link).replaceAll(/[<>|]/g, "")}>`,
            ]),
          ),
    ],
  ];
  const head = [
    `# Incident ${story.number}: ${plain(story.title)}`,
    `${plain(story.environment)}, ${story.status}. From ${utc(story.startedAt)} ${resolvedAt === null ? "UTC on" : `to ${utc(resolvedAt)} UTC`} (${lasting(story.durationMs)}).`,
  ];
  const charts = story.charts.map(({ title, svg }) => `### ${plain(title)}\n\n${svg}`);
  return `${[...head, ...sections.map(([title, body]) => `## ${title}\n\n${body}`), ...(charts.length === 0 ? [] : ["## Charts", ...charts])].join("\n\n")}\n`;
}
