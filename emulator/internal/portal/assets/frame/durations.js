// ISO 8601 durations, as far as activations use them: days, hours and minutes.

/** The hours of a duration such as PT8H, PT30M or P1D; 0 for one that is not understood. */
export function hours(duration) {
  const parts = duration?.match(/^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/);
  if (!parts) return 0;
  const [, days = 0, hrs = 0, minutes = 0] = parts;
  return Number(days) * 24 + Number(hrs) + Number(minutes) / 60;
}

/** The duration of a number of hours in half-hour steps: 0.5 is PT30M, 8 is PT8H. */
export function duration(hrs) {
  const minutes = Math.round(hrs * 60);
  const whole = Math.floor(minutes / 60);
  return `PT${whole ? `${whole}H` : ""}${minutes % 60 ? `${minutes % 60}M` : ""}`;
}
