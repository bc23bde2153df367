/** An answer that is not the service's fault (4xx) or says that it cannot serve (5xx). */
export class HttpProblem extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = "HttpProblem";
    this.status = status;
    this.headers = headers;
  }
}

/** True for an answer that another try, or another instance, would give again. */
export function isCallersFault(error: unknown): boolean {
  return error instanceof HttpProblem && error.status < 500;
}
