/**
 * Spelled-out English numbers as digits, by the rules that Whisper's word error rates are published with
 * (openai/whisper, whisper/normalizers/english.py; paper, appendix C, rule 9): "twenty twenty-one" is 2021, "one oh one"
 * 101, "two and a half million dollars" $2500000, "seventy second" 72nd. Oddities are kept where the published rules have
 * them ("ninth" stays a word, "nineth" would be 9th), because a rate counted otherwise could not be compared.
 */

/** Python's \b in front of and behind a word, and its \s: those of JavaScript know only ASCII letters. */
export const START = '(?<![\\p{L}\\p{N}_])';
export const END = '(?![\\p{L}\\p{N}_])';
export const SPACE = '\\p{White_Space}';

const UNITS =
  'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const POWERS =
  'thousand million billion trillion quadrillion quintillion sextillion septillion octillion nonillion decillion'.split(
    ' ',
  );
/** Ordinals that are no unit with "th" behind it. */
const ORDINALS = { zeroth: '0th', first: '1st', second: '2nd', third: '3rd', fifth: '5th', twelfth: '12th' };
const CURRENCIES = { pound: '£', euro: '€', dollar: '$', cent: '¢' };

/**
 * What a word is to a number. `suffix` closes the number at once: "th", "s".
 * @typedef {{ kind: 'zero' | 'sign' | 'currency' | 'per' | 'percent' | 'and' | 'repeat' | 'point', value?: bigint,
 *   suffix?: string, symbol?: string } | { kind: 'unit' | 'ten' | 'power', value: bigint, suffix: string,
 *   symbol?: undefined }} NumberWord
 */

/** @returns {Map<string, NumberWord>} */
function vocabulary() {
  /** @type {Map<string, NumberWord>} */
  const words = new Map();
  for (const word of ['o', 'oh', 'zero']) words.set(word, { kind: 'zero' });
  UNITS.forEach((word, i) => {
    const value = BigInt(i + 1);
    words.set(word, { kind: 'unit', value, suffix: '' });
    words.set(word === 'six' ? 'sixes' : `${word}s`, { kind: 'unit', value, suffix: 's' });
    if (value > 3n && value !== 5n && value !== 12n)
      words.set(word.endsWith('t') ? `${word}h` : `${word}th`, { kind: 'unit', value, suffix: 'th' });
  });
  for (const [word, ordinal] of Object.entries(ORDINALS))
    words.set(word, { kind: 'unit', value: BigInt(ordinal.slice(0, -2)), suffix: ordinal.slice(-2) });
  TENS.forEach((word, i) => {
    const value = BigInt(10 * (i + 2));
    words.set(word, { kind: 'ten', value, suffix: '' });
    words.set(word.replace('y', 'ies'), { kind: 'ten', value, suffix: 's' });
    words.set(word.replace('y', 'ieth'), { kind: 'ten', value, suffix: 'th' });
  });
  ['hundred', ...POWERS].forEach((word, i) => {
    const value = i === 0 ? 100n : 1000n ** BigInt(i);
    for (const suffix of ['', 's', 'th']) words.set(word + suffix, { kind: 'power', value, suffix });
  });
  for (const word of ['minus', 'negative']) words.set(word, { kind: 'sign', symbol: '-' });
  for (const word of ['plus', 'positive']) words.set(word, { kind: 'sign', symbol: '+' });
  for (const [word, symbol] of Object.entries(CURRENCIES))
    for (const form of [word, `${word}s`]) words.set(form, { kind: 'currency', symbol });
  words.set('per', { kind: 'per' });
  words.set('percent', { kind: 'percent' });
  words.set('and', { kind: 'and' });
  words.set('point', { kind: 'point' });
  words.set('double', { kind: 'repeat', value: 2n });
  words.set('triple', { kind: 'repeat', value: 3n });
  return words;
}
const WORDS = vocabulary();

const isFigure = (/** @type {string | undefined} */ word) => word !== undefined && /^\d+(\.\d+)?$/.test(word);
/** @param {string | undefined} word */
const numberWord = (word) => (word === undefined ? undefined : WORDS.get(word));
/** A plain unit or ten, no ordinal and no plural. */
const isPlain = (/** @type {NumberWord | undefined} */ word, /** @type {'unit' | 'ten'} */ kind) =>
  word?.kind === kind && word.suffix === '';
const isDigitWord = (/** @type {NumberWord | undefined} */ word) =>
  word?.kind === 'zero' || isPlain(word, 'unit') || isPlain(word, 'ten');

/**
 * The number read so far: a bigint while words can still be added to it, a string once it is a row of digits or has a
 * decimal point.
 * @typedef {bigint | string | null} Reading
 */

/** What a row of digits begins with: a whole 0 in front is not written. */
const digitsOf = (/** @type {Reading} */ value) => (value === null || value === 0n ? '' : String(value));

/**
 * A unit or ten behind what was read: added where there is room for it ("twenty" and "one", "hundred" and "forty"),
 * written behind it as digits otherwise ("nineteen" and "forty").
 * @param {Reading} value
 * @param {{ kind: 'unit' | 'ten', value: bigint }} word
 * @param {NumberWord | undefined} before the word in front
 * @returns {bigint | string}
 */
function joined(value, word, before) {
  if (value === null) return word.value;
  const small = word.kind === 'unit' && word.value < 10n;
  const digits = typeof value === 'string' || (word.kind === 'unit' && isPlain(before, 'unit'));
  if (digits && small && isPlain(before, 'ten')) return String(value).slice(0, -1) + word.value;
  if (digits || BigInt(value) % (small ? 10n : 100n) !== 0n) return `${value}${word.value}`;
  return BigInt(value) + word.value;
}

/**
 * "Two thousand three" hundred: only what is below the last thousand is multiplied. Null where a decimal does not become
 * whole ("1.2345 hundred").
 * @param {Reading} value
 * @param {bigint} power
 * @returns {bigint | null}
 */
function multiplied(value, power) {
  if (value === null) return power;
  if (typeof value === 'bigint') return value - (value % 1000n) + (value % 1000n) * power;
  const decimal = /^(\d*)(?:\.(\d*))?$/.exec(value);
  if (!decimal || !/\d/.test(value)) return null;
  const fraction = decimal[2] ?? '';
  const scale = 10n ** BigInt(fraction.length);
  const product = BigInt(decimal[1] + fraction) * power;
  return product % scale === 0n ? product / scale : null;
}

/**
 * @param {string[]} words lower case, without punctuation
 * @returns {string[]} the words with each number as one word of digits, its sign or currency in front
 */
export function readNumbers(words) {
  /** @type {string[]} */
  const out = [];
  let prefix = '';
  /** @type {Reading} */
  let value = null;
  /** @param {string} text */
  const put = (text) => {
    out.push(prefix + text);
    prefix = '';
    value = null;
  };
  const close = () => {
    if (value !== null) put(String(value));
  };
  const closeThenPut = (/** @type {string} */ text) => {
    close();
    put(text);
  };

  for (let i = 0; i < words.length; i++) {
    const current = words[i];
    const next = words[i + 1];
    const before = numberWord(words[i - 1]);
    const after = numberWord(next);
    const symbol = /^[$¢€£]/.test(current) ? current[0] : '';
    const figure = current.slice(symbol.length);
    if (isFigure(figure)) {
      if (typeof value === 'string' && value.endsWith('.')) {
        value += current;
        continue;
      }
      close();
      prefix = symbol || prefix;
      value = /\.0*[1-9]/.test(figure) ? figure : BigInt(figure.replace(/\..*/, ''));
      continue;
    }
    const word = numberWord(current);
    if (!word) {
      closeThenPut(current);
      continue;
    }
    switch (word.kind) {
      case 'zero':
        value = `${digitsOf(value)}0`;
        break;
      case 'unit':
      case 'ten': {
        const number = joined(value, /** @type {{ kind: 'unit' | 'ten', value: bigint }} */ (word), before);
        if (word.suffix) put(number + word.suffix);
        else value = number;
        break;
      }
      case 'power': {
        let number = multiplied(value, word.value);
        if (number === null) {
          close();
          number = word.value;
        }
        if (word.suffix) put(number + word.suffix);
        else value = number;
        break;
      }
      case 'sign':
        close();
        if (after || isFigure(next)) prefix = word.symbol ?? '';
        else put(current);
        break;
      case 'currency':
        if (value !== null) prefix = word.symbol ?? '';
        if (value !== null) close();
        else put(current);
        break;
      case 'per':
        if (value !== null && next === 'cent') {
          put(`${value}%`);
          i++;
        } else closeThenPut(current);
        break;
      case 'percent':
        put(value === null ? current : `${value}%`);
        break;
      default: {
        // "and", "point", "double" and "triple" mean a number only where one may follow.
        if (!after && !isFigure(next)) closeThenPut(current);
        else if (word.kind === 'and') {
          // "Hundred and one" is one number, "one and two" are two.
          if (!(before?.kind === 'power' && before.suffix === '')) closeThenPut(current);
        } else if (word.kind === 'point') {
          if (isDigitWord(after) || isFigure(next)) value = `${digitsOf(value)}.`;
        } else if (after?.kind === 'zero' || isPlain(after, 'unit')) {
          value = digitsOf(value) + String(after?.value ?? 0n).repeat(Number(word.value));
          i++;
        } else closeThenPut(current);
      }
    }
  }
  close();
  return out;
}

/**
 * "And a half" as "point five" behind a number word, and a space between letters and digits, except in "1960s", "32nd".
 * @param {string} text
 */
export function prepareNumbers(text) {
  const parts = text.split(new RegExp(`${START}and${SPACE}+a${SPACE}+half${END}`, 'u'));
  const pieces = parts.flatMap((part, i) => {
    const words = part.split(new RegExp(`${SPACE}+`, 'u')).filter(Boolean);
    if (words.length === 0) return [];
    if (i === parts.length - 1) return [part];
    const last = numberWord(words.at(-1));
    const isNumber = isDigitWord(last) || (last?.kind === 'power' && last.suffix === '');
    return [part, isNumber ? 'point five' : 'and a half'];
  });
  return pieces
    .join(' ')
    .replace(/([a-z])([0-9])/g, '$1 $2')
    .replace(/([0-9])([a-z])/g, '$1 $2')
    .replace(new RegExp(`([0-9])${SPACE}+(st|nd|rd|th|s)${END}`, 'gu'), '$1$2');
}

/**
 * "$2 and ¢7" as "$2.07", "$0.07" as "¢7", and a lone 1 as "one", which reads better.
 * @param {string} text
 */
export function finishNumbers(text) {
  return text
    .replace(
      new RegExp(`([€£$])([0-9]+) (?:and )?¢([0-9]{1,2})${END}`, 'gu'),
      (_, currency, whole, cents) => `${currency}${whole}.${cents.padStart(2, '0')}`,
    )
    .replace(new RegExp(`[€£$]0.([0-9]{1,2})${END}`, 'gu'), (_, cents) => `¢${Number(cents)}`)
    .replace(new RegExp(`${START}1(s?)${END}`, 'gu'), 'one$1');
}
