// Times are by the server's clock.
let offset = 0;

export const setNow = (milliseconds) => { offset = milliseconds - Date.now(); };
export const now = () => Date.now() + offset;

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

export const count = (n) => whole.format(n);
export const time = (milliseconds) => clock.format(milliseconds);
export const ms = (n) => (n < 10 ? tenths : whole).format(n);
export const percent = (rate) => `${Math.round(100 * rate)}%`;
export const elapsed = (begin) => whole.format(Math.max(0, now() - begin));

export function bytes(n) {
  const units = ["bytes", "kB", "MB", "GB"];
  let unit = 0;
  for (; n >= 1000 && unit < units.length - 1; unit++) n /= 1000;
  return `${(unit && n < 10 ? tenths : whole).format(n)} ${n === 1 && !unit ? "byte" : units[unit]}`;
}

export function span(milliseconds) {
  const minutes = Math.round(milliseconds / 60000);
  return minutes < 1 ? "the last minute" : `the last ${minutes === 1 ? "minute" : `${minutes} minutes`}`;
}

const classes = { 0: "none", 1: "good", 2: "good", 3: "moved", 4: "refused", 5: "failed" };
export const statusText = (status) => (status ? String(status) : "–");
export const statusClass = (status) => classes[Math.floor(status / 100)] ?? "failed";
