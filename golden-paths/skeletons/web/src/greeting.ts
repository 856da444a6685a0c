/** What to say at an hour of the day, from 0 to 23. Replace it by your first feature. */
export function greeting(hour: number): string {
  if (!Number.isInteger(hour) || hour < 0 || hour > 23) {
    throw new RangeError(`no hour of a day: ${hour}`);
  }
  if (hour < 5) return "Good night";
  if (hour < 12) return "Good morning";
  if (hour < 18) return "Good afternoon";
  return "Good evening";
}
