/** Loaded before a fake: its wall clock stands still at HOLDFAST_STILL_AT, in milliseconds, so that what it tells is always the same. */
const at = Number(process.env["HOLDFAST_STILL_AT"]);
Date.now = () => at;
