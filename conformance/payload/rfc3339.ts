/** Times in RFC 3339, with everything that it permits: letters of either case, a space for the T, and a 60th second. */

const RFC_3339 =
  /^(?<date>\d{4}-(?:0[1-9]|1[0-2])-(?<day>0[1-9]|[12]\d|3[01]))[Tt ](?<time>(?:[01]\d|2[0-3]):[0-5]\d):(?<second>[0-5]\d|60)(?:\.(?<fraction>\d+))?(?:[Zz]|(?<sign>[+-])(?<hours>\d\d):(?<minutes>\d\d))$/;

/** Whether the text is a time in any form that RFC 3339 permits. */
export function isRfc3339(value: string): boolean {
  return RFC_3339.test(value);
}

/** Whether both texts are times of the same instant, with any offset and any number of digits after the second. */
export function isSameInstant(one: string, other: string): boolean {
  const instant = instantOf(one);
  return instant !== undefined && instant === instantOf(other);
}

/** The instant as a text; undefined if the text is no time, or its month does not have the day. */
function instantOf(value: string): string | undefined {
  const parts = RFC_3339.exec(value)?.groups;
  if (parts === undefined) return undefined;
  const { date, day, time, second, fraction = '', sign, hours, minutes } = parts;
  const local = new Date(`${date}T${time}Z`);
  if (local.getUTCDate() !== Number(day)) return undefined;
  const offset = sign === undefined ? 0 : Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes));
  // An offset is whole minutes, so the second is the same with each.
  return `${local.getTime() / 60_000 - offset} ${second}.${fraction.replace(/0+$/, '')}`;
}
