/** What a suite answers: figures by the names of the goals, and ratios to a peer or a floor measured in the same run. */
export type Figure = number | { readonly [name: string]: number };

export interface SuiteResult {
  readonly suite: string;
  readonly figures: Readonly<Record<string, Figure>>;
  readonly ratios: Readonly<Record<string, number>>;
}
