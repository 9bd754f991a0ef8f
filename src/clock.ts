/** Times and sizes as people say them. One place, so that the queue, the transcript and the engine agree. */
import { number, pageLanguage } from './locale/text.ts';

/**
 * A moment in a recording: "0:07", "41:10", "1:02:05".
 * @param longest the length of the recording: over an hour, every time in it has hours ("0:41:10")
 */
export function clock(seconds: number, longest = seconds): string {
  const whole = Math.max(0, Math.floor(seconds));
  const s = String(whole % 60).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  if (minutes < 60 && longest < 3600) return `${minutes}:${s}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}:${s}`;
}

/** A length of time: "58 s", "2 min 18 s", "24 min", "1 h 58 min". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${Math.max(seconds > 0 ? 1 : 0, whole)} s`;
  if (whole < 600) return parts(Math.floor(whole / 60), 'min', whole % 60, 's');
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  return parts(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
}

function parts(big: number, bigUnit: string, small: number, smallUnit: string): string {
  const head = `${big} ${bigUnit}`;
  return small === 0 ? head : `${head} ${small} ${smallUnit}`;
}

/** Bytes in decimal units, as download pages and disks count: "712 B", "2.8 MB", "206 MB", "38 GB". */
export function size(bytes: number): string {
  return scaled(bytes, (value) => (value < 10 ? 1 : 0));
}

/** The same with one decimal throughout, for figures that tick: "118.4 MB". */
export function preciseSize(bytes: number): string {
  return scaled(bytes, () => 1);
}

function scaled(bytes: number, decimals: (value: number) => number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = Math.max(0, bytes);
  let unit = 0;
  // 999.5 and up would print as "1000 kB".
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const text = unit === 0 ? number(Math.round(value)) : written(value, decimals(value));
  return `${text} ${unitName(units[unit])}`;
}

/** Seconds of sound per second of waiting: "24×", "3.1×", "0.4×". */
export function speed(times: number): string {
  return `${times >= 9.95 ? number(Math.round(times)) : written(Math.max(0.1, times), 1)}×`;
}

/** A share in [0, 1]: "53 %". */
export function percent(share: number): string {
  return `${Math.round(Math.min(1, Math.max(0, share)) * 100)} %`;
}

/** "1 file", "5 files". */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** "0 MB": nothing, in the unit of its neighbours. */
export function zeroSize(): string {
  return `${number(0)} ${unitName('MB')}`;
}

/** A French byte is an octet. */
function unitName(unit: string): string {
  return pageLanguage() === 'fr' ? unit.replace('B', 'o') : unit;
}

/** With decimals, unless they are nought. */
function written(value: number, decimals: number): string {
  return number(value, Number.isInteger(Number(value.toFixed(decimals))) ? 0 : decimals);
}
